import './noEval.ts';
import './style/fonts.ts';
import './style/tokens.css';
import './style/base.css';
import { createRoot } from 'react-dom/client';
import { App } from './App.tsx';
import { shellPorts } from './engine/connect.ts';
import { createSession } from './engine/session.ts';

const place = document.getElementById('app');
if (place) createRoot(place).render(<App session={createSession(shellPorts())} />);
