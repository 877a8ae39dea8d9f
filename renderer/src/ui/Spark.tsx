import { memo, useEffect, useRef } from 'react';

interface Props {
  /** Values, oldest first; read again after each `watch` call. */
  values: () => readonly number[];
  watch: (changed: () => void) => () => void;
  /** Value at the top edge; the line grows beyond it if it must. */
  full: number;
  width: number;
  height: number;
}

/** A small trace on a canvas. It draws itself when its figures change, without a render. */
export const Spark = memo(function Spark({ values, watch, full, width, height }: Props) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    const draw = () => {
      if (canvas.current) drawTrace(canvas.current, values(), full, width, height);
    };
    draw();
    return watch(draw);
  }, [values, watch, full, width, height]);
  return (
    <span aria-hidden="true">
      <canvas ref={canvas} style={{ width, height, display: 'block' }} />
    </span>
  );
});

function drawTrace(canvas: HTMLCanvasElement, values: readonly number[], full: number, width: number, height: number): void {
  const pen = canvas.getContext('2d');
  if (!pen) return;
  const ratio = window.devicePixelRatio || 1;
  if (canvas.width !== Math.round(width * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
  }
  pen.setTransform(ratio, 0, 0, ratio, 0, 0);
  pen.clearRect(0, 0, width, height);
  const step = 2;
  const shown = values.slice(-Math.floor(width / step));
  if (shown.length < 2) return;
  const most = Math.max(full, ...shown);
  const colour = getComputedStyle(canvas).color;
  pen.beginPath();
  shown.forEach((value, at) => {
    const x = width - (shown.length - 1 - at) * step;
    const y = height - 0.75 - (value / most) * (height - 1.5);
    if (at === 0) pen.moveTo(x, y);
    else pen.lineTo(x, y);
  });
  pen.strokeStyle = colour;
  pen.lineWidth = 1;
  pen.stroke();
  pen.lineTo(width, height);
  pen.lineTo(width - (shown.length - 1) * step, height);
  pen.closePath();
  pen.globalAlpha = 0.18;
  pen.fillStyle = colour;
  pen.fill();
  pen.globalAlpha = 1;
}
