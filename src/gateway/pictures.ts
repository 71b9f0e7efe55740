/** Pictures within a request: what they cost has little to do with how long their text is. Pure. */
import { limits } from '../limits.ts';
import { isObject, type JsonObject } from './call.ts';
import { partsOf } from './parts.ts';

/**
 * The request as it is weighed: with of each picture no more text than a picture can cost. Only where a service takes a
 * picture for one: elsewhere, such as in the input of a tool, it is text.
 */
export function weighable(body: Buffer, asked: JsonObject): Buffer {
  const holders = new Set<unknown>(partsOf(asked).flatMap(holderOf));
  if (holders.size === 0) return body;
  const cut = function (this: unknown, _: string, value: unknown): unknown {
    const isPicture = typeof value === 'string' && holders.has(this);
    return isPicture ? value.slice(0, limits.pictureCharactersMax) : value;
  };
  return Buffer.from(JSON.stringify(asked, cut));
}

/** What has the text of a picture within it. @source the request descriptions of the four APIs (2026-11) */
function holderOf(part: JsonObject): readonly JsonObject[] {
  const { type, source, image_url, inlineData, inline_data } = part;
  if (type === 'image' && isObject(source)) return isOfPicture(source.media_type) ? [source] : [];
  if (type === 'input_image') return isWithin(image_url) ? [part] : [];
  if (type === 'image_url' && isObject(image_url)) return isWithin(image_url.url) ? [image_url] : [];
  return [inlineData, inline_data]
    .filter(isObject)
    .filter(({ mimeType, mime_type }) => isOfPicture(mimeType ?? mime_type));
}

function isOfPicture(type: unknown): boolean {
  return typeof type === 'string' && /^image\/(png|jpe?g|webp|gif|heic|heif)$/.test(type);
}

function isWithin(address: unknown): boolean {
  return typeof address === 'string' && /^data:image\/(png|jpe?g|webp|gif);base64,/.test(address);
}
