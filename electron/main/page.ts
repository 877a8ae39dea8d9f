import { type IpcMainEvent, protocol, type Session, type WebContents } from 'electron';
import { pageAnswer } from '../page/files.ts';

/** The page's own scheme: unlike file:, an origin of its own, with headers of ours. */
const SCHEME = 'app';
/** The only page there is. */
export const PAGE = `${SCHEME}://xenferry/`;

/** Must be called before the app is ready. */
export function registerScheme(): void {
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, corsEnabled: false, stream: true } },
  ]);
}

/** Serves the built page to this session, and lets it reach nothing else. */
export function servePage(session: Session, folder: string): void {
  session.protocol.handle(SCHEME, async (request) => {
    const url = new URL(request.url);
    if (url.host !== 'xenferry' || request.method !== 'GET') return new Response(null, { status: 404 });
    const answer = await pageAnswer(folder, url.pathname, []);
    return new Response(Buffer.from(answer.body), { status: answer.status, headers: answer.headers });
  });
  session.webRequest.onBeforeRequest((details, decide) => decide({ cancel: !mayLoad(details.url) }));
  session.setPermissionRequestHandler((_contents, _permission, decide) => decide(false));
  session.setPermissionCheckHandler(() => false);
  session.setDevicePermissionHandler(() => false);
  session.on('will-download', (event) => event.preventDefault());
}

/** The page stays where it is: no other address, no new window, no frame inside. */
export function holdStill(contents: WebContents): void {
  contents.on('will-navigate', (event) => {
    // Loading itself anew is all it may do.
    if (event.url !== PAGE) event.preventDefault();
  });
  contents.on('will-frame-navigate', (event) => {
    if (!event.isMainFrame) event.preventDefault();
  });
  contents.on('will-redirect', (event) => event.preventDefault());
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
}

/** Whether a message comes from our own page, and from its top frame. */
export function isOurs(event: IpcMainEvent, contents: WebContents): boolean {
  const frame = event.senderFrame;
  return frame !== null && event.sender === contents && frame === contents.mainFrame && frame.url === PAGE;
}

function mayLoad(url: string): boolean {
  return url.startsWith(PAGE) || url.startsWith('data:image/') || url.startsWith('devtools:');
}
