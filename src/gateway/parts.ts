/** The parts of a request's messages, in the words of all four APIs. Pure. */
import { isObject, type JsonObject, listOf } from './call.ts';

/** Messages themselves, their parts, and the parts of what tools have answered. */
export function partsOf({ messages, input, contents }: JsonObject): readonly JsonObject[] {
  const all = [messages, input, contents].flatMap(listOf);
  return [...all, ...all.flatMap(within)];
}

function within({ content, parts, output }: JsonObject): readonly JsonObject[] {
  const own = [content, parts, output].flatMap(listOf);
  return [...own, ...own.flatMap(({ content: inner }) => listOf(inner)), ...own.flatMap(answered)];
}

function answered({ functionResponse }: JsonObject): readonly JsonObject[] {
  return isObject(functionResponse) ? listOf(functionResponse.parts) : [];
}
