// A file that somebody else named, read to its end, or to the limit: a pipe or a device may have no end.

import { createReadStream } from "node:fs";
import { Fault } from "../ports/fault.js";

/** Results and plans of ten thousand agents have room in it. */
const largestFile = 256_000_000;

/** Its text. Throws what the disk throws, and a `Fault` ("rejected") for more bytes than `most`. */
export async function readBounded(path: string, most: number = largestFile): Promise<string> {
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of createReadStream(path) as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > most) {
      const limit = most >= 1e6 ? `${Math.round(most / 1e6)} MB` : `${most} bytes`;
      throw new Fault("rejected", `${path} is larger than ${limit}, which is more than is read of any file here.`);
    }
    parts.push(part);
  }
  return Buffer.concat(parts).toString("utf8");
}
