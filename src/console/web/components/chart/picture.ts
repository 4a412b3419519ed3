import type { ChartSeries } from './chart-data.ts';
import { themeColour, themeFont } from './style.ts';

/** Pixels of the picture for one of the page. */
const SCALE = 2;
const MARGIN = 16;
const TITLE_HEIGHT = 30;
const LINE_HEIGHT = 22;
const SWATCH = 10;

/** A PNG of a drawing with its title above and the names of its series below, to be understood away from the page. */
export async function pngOf(
  drawing: SVGSVGElement,
  title: string,
  series: readonly ChartSeries[],
): Promise<Blob | null> {
  const { width, height } = drawing.getBoundingClientRect();
  const image = await imageOf(drawing, width, height);
  const canvas = document.createElement('canvas');
  const context = canvas.getContext('2d')!;
  const font = (size: number, weight = 400) => `${weight} ${size}px ${themeFont()}`;
  context.font = font(12);
  const names = placed(series, width, (text) => context.measureText(text).width);
  canvas.width = (width + 2 * MARGIN) * SCALE;
  canvas.height = (TITLE_HEIGHT + height + ((names.at(-1)?.line ?? -1) + 1) * LINE_HEIGHT + 2 * MARGIN) * SCALE;
  context.scale(SCALE, SCALE);
  context.fillStyle = themeColour('--surface');
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = themeColour('--text');
  context.font = font(14, 600);
  context.fillText(title, MARGIN, MARGIN + 14);
  context.drawImage(image, MARGIN, MARGIN + TITLE_HEIGHT, width, height);
  context.font = font(12);
  for (const { name, colour, x, line } of names) {
    const y = MARGIN + TITLE_HEIGHT + height + line * LINE_HEIGHT;
    context.fillStyle = themeColour(colour);
    context.fillRect(MARGIN + x, y + 6, SWATCH, SWATCH);
    context.fillStyle = themeColour('--text-soft');
    context.fillText(name, MARGIN + x + SWATCH + 6, y + 15);
  }
  return await new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
}

/** Names side by side, in as many lines as it takes. */
function placed(series: readonly ChartSeries[], width: number, widthOf: (text: string) => number) {
  let [x, line] = [0, 0];
  return series.map(({ name, colour }) => {
    const needed = SWATCH + 6 + widthOf(name) + 18;
    if (x > 0 && x + needed > width) [x, line] = [0, line + 1];
    const at = { name, colour, x, line };
    x += needed;
    return at;
  });
}

async function imageOf(drawing: SVGSVGElement, width: number, height: number): Promise<HTMLImageElement> {
  const copy = drawing.cloneNode(true) as SVGSVGElement;
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  copy.setAttribute('width', String(width));
  copy.setAttribute('height', String(height));
  const url = URL.createObjectURL(new Blob([new XMLSerializer().serializeToString(copy)], { type: 'image/svg+xml' }));
  try {
    const image = new Image();
    image.src = url;
    await image.decode();
    return image;
  } finally {
    URL.revokeObjectURL(url);
  }
}
