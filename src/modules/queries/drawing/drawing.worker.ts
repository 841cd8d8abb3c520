/** Pictures and documents, drawn in a thread of their own: a long line or a PDF of 2,000 rows takes the better part of a second. */
import {
  type PngOptions,
  renderPagePng,
  renderPageSvg,
  renderPng,
  renderSvg,
  type SvgOptions,
} from '../../../engine/charts/index.js';
import { EngineError, type EngineErrorCode } from '../../../engine/errors.js';
import { pdfDocument, type Publication } from '../../../engine/publishing/index.js';

export type PicturePage = Parameters<typeof renderPageSvg>[0];
type Spec = Record<string, unknown>;

export type DrawingTask =
  | { kind: 'svg'; spec: Spec; options: SvgOptions }
  | { kind: 'png'; spec: Spec; options: PngOptions }
  | { kind: 'page-svg'; page: PicturePage }
  | { kind: 'page-png'; page: PicturePage }
  | { kind: 'pdf'; publication: Publication; made: Date };

/** Errors lose their class on the way between threads: one that is to be told goes as what it says. */
export type Drawn = { drawn: string | Uint8Array } | { refused: { code: EngineErrorCode; message: string } };

export default async function run(task: DrawingTask): Promise<Drawn> {
  try {
    return { drawn: await draw(task) };
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return { refused: { code: error.code, message: error.message } };
  }
}

async function draw(task: DrawingTask): Promise<string | Uint8Array> {
  switch (task.kind) {
    case 'svg':
      return renderSvg(task.spec, task.options);
    case 'png':
      return renderPng(task.spec, task.options);
    case 'page-svg':
      return renderPageSvg(task.page);
    case 'page-png':
      return renderPagePng(task.page);
    case 'pdf':
      return pdfDocument(withBuffers(task.publication), task.made);
  }
}

/** Between threads a `Buffer` becomes plain bytes. */
function withBuffers(publication: Publication): Publication {
  const parts = publication.parts.map((part) => {
    const { picture } = part;
    return picture === null ? part : { ...part, picture: { ...picture, png: Buffer.from(picture.png) } };
  });
  return { ...publication, parts };
}
