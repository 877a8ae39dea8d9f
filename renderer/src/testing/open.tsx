import { cleanup, render } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { App } from '../App.tsx';
import { createSession } from '../engine/session.ts';
import { type Office, openOffice } from './office.ts';

/** Opens the page over the engine of a test; `user` types and clicks in it. */
export function openPage(...start: Parameters<typeof openOffice>): {
  office: Office;
  user: ReturnType<typeof userEvent.setup>;
  close: () => void;
} {
  const office = openOffice(...start);
  const session = createSession(office.openPort);
  const user = userEvent.setup();
  render(<App session={session} />);
  return {
    office,
    user,
    close() {
      cleanup();
      session.close();
    },
  };
}
