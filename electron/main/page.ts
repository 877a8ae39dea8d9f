import type { IpcMainEvent, Session, WebContents } from 'electron';
import { pageAnswer } from '../page/files.ts';
import type { PagePlace } from './scheme.ts';

/** Serves the built page to this session, and lets it reach nothing else. */
export function servePage(session: Session, folder: string, place: PagePlace): void {
  session.protocol.handle(place.scheme, async (request) => {
    const url = new URL(request.url);
    if (url.host !== new URL(place.address).host || request.method !== 'GET') return new Response(null, { status: 404 });
    const answer = await pageAnswer(folder, url.pathname, []);
    return new Response(Buffer.from(answer.body), { status: answer.status, headers: answer.headers });
  });
  session.webRequest.onBeforeRequest((details, decide) => decide({ cancel: !mayLoad(details.url, place) }));
  session.setPermissionRequestHandler((_contents, _permission, decide) => decide(false));
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
  session.on('will-download', (event) => event.preventDefault());
}

/** The page stays where it is: no other address, no new window, no frame inside. */
export function holdStill(contents: WebContents, place: PagePlace): void {
  contents.on('will-navigate', (event) => {
    // Loading itself anew is all it may do.
    if (event.url !== place.address) event.preventDefault();
  });
  contents.on('will-frame-navigate', (event) => {
    if (!event.isMainFrame) event.preventDefault();
  });
  contents.on('will-redirect', (event) => event.preventDefault());
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
}

/** Whether a message comes from our own page, and from its top frame. */
export function isOurs(event: IpcMainEvent, contents: WebContents, place: PagePlace): boolean {
  const frame = event.senderFrame;
  return frame !== null && event.sender === contents && frame === contents.mainFrame && frame.url === place.address;
}

function mayLoad(url: string, place: PagePlace): boolean {
  return url.startsWith(place.address) || url.startsWith('data:image/') || url.startsWith('devtools:');
}
