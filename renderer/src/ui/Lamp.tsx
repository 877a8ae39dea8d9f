import styles from './Lamp.module.css';

/** Shapes of the lamp: told apart without colour. */
export type LampShape =
  | 'running'
  | 'blocked'
  | 'paused'
  | 'shutdown'
  | 'crashed'
  | 'dying'
  | 'halted'
  | 'linked'
  | 'unlinked'
  | 'linking'
  | 'alarm'
  | 'spareYes'
  | 'spareNo'
  | 'spareUnknown';

/** A state by shape and colour; says nothing by itself. */
export function Lamp({ shape }: { shape: LampShape }) {
  return (
    <svg className={`${styles.lamp} ${styles[shape]}`} width="12" height="12" viewBox="0 0 12 12" aria-hidden="true">
      {draw(shape)}
    </svg>
  );
}

function draw(shape: LampShape) {
  switch (shape) {
    case 'running':
    case 'linked':
      return <circle cx="6" cy="6" r="4.5" fill="currentColor" />;
    case 'blocked':
      return (
        <>
          <circle cx="6" cy="6" r="4.2" fill="none" stroke="currentColor" strokeWidth="1.4" />
          <circle cx="6" cy="6" r="2" fill="currentColor" />
        </>
      );
    case 'paused':
      return <path d="M2.5 1.5h2.5v9H2.5zM7 1.5h2.5v9H7z" fill="currentColor" />;
    case 'shutdown':
      return <rect x="2" y="2" width="8" height="8" fill="currentColor" />;
    case 'crashed':
    case 'alarm':
      return <path d="M6 .8 11.6 11H.4zM5.4 4.4v3h1.2v-3zM5.4 8.4v1.2h1.2V8.4z" fill="currentColor" fillRule="evenodd" />;
    case 'dying':
      return <path d="M2 2l8 8M10 2l-8 8" stroke="currentColor" strokeWidth="1.8" fill="none" />;
    case 'halted':
    case 'unlinked':
      return <circle cx="6" cy="6" r="4" fill="none" stroke="currentColor" strokeWidth="1.3" />;
    case 'spareYes':
      return <path d="M6 .6 11.4 6 6 11.4.6 6z" fill="currentColor" />;
    case 'spareNo':
      return (
        <>
          <path d="M6 1.4 10.6 6 6 10.6 1.4 6z" fill="none" stroke="currentColor" strokeWidth="1.3" />
          <path d="M1.4 6h9.2L6 10.6z" fill="currentColor" />
        </>
      );
    case 'spareUnknown':
      return <path d="M6 1.4 10.6 6 6 10.6 1.4 6z" fill="none" stroke="currentColor" strokeWidth="1.3" />;
    case 'linking':
      return <path d="M6 1.5a4.5 4.5 0 0 1 4.5 4.5" fill="none" stroke="currentColor" strokeWidth="1.6" />;
  }
}
