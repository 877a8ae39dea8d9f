/** Where the page lives: a scheme that the session answers itself, and the one address there is. */
export interface PagePlace {
  scheme: string;
  address: string;
}

/** The page's own scheme: unlike file:, an origin of its own, with headers of ours. Registered before the app is ready. */
export const ownPlace: PagePlace = { scheme: 'app', address: 'app://xenferry/' };
/** Where our first line ran too late to register a scheme (a loader that imports the app asynchronously): a reserved name that the session answers. */
export const latePlace: PagePlace = { scheme: 'https', address: 'https://xenferry.invalid/' };
