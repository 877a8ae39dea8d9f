/** As much of noVNC 1.7 as is used here (docs/API.md of the package, which ships no types). */
declare module '@novnc/novnc' {
  /** What RFB takes instead of an address: anything with the face of a data channel. */
  export interface RawChannel {
    readyState: string;
    protocol: string;
    binaryType: string;
    send(data: ArrayBuffer | ArrayBufferView): void;
    close(): void;
    onopen: (() => void) | null;
    onmessage: ((event: { data: ArrayBuffer }) => void) | null;
    onerror: ((event: unknown) => void) | null;
    onclose: ((event: { code: number; reason: string; wasClean: boolean }) => void) | null;
  }
  export default class RFB extends EventTarget {
    constructor(target: HTMLElement, channel: RawChannel, options?: { shared?: boolean; credentials?: { password?: string } });
    scaleViewport: boolean;
    resizeSession: boolean;
    viewOnly: boolean;
    focusOnClick: boolean;
    background: string;
    disconnect(): void;
    sendCredentials(credentials: { password: string }): void;
    sendCtrlAltDel(): void;
    focus(options?: FocusOptions): void;
    blur(): void;
  }
}
