// UTF-8 without an encoder object: the core has no platform. A lone surrogate becomes U+FFFD, as TextEncoder does it.

/** Calls `take` with each byte of the text's UTF-8 form, in order. */
export function eachUtf8Byte(text: string, take: (byte: number) => void): void {
  for (let i = 0; i < text.length; i++) {
    const code = scalarAt(text, i);
    if (code > 0xffff) i++;
    if (code < 0x80) take(code);
    else if (code < 0x800) takeAll(take, [0xc0 | (code >> 6), continuation(code)]);
    else if (code < 0x10000) takeAll(take, [0xe0 | (code >> 12), continuation(code >> 6), continuation(code)]);
    else takeAll(take, [0xf0 | (code >> 18), continuation(code >> 12), continuation(code >> 6), continuation(code)]);
  }
}

function takeAll(take: (byte: number) => void, bytes: readonly number[]): void {
  for (const byte of bytes) take(byte);
}

function continuation(bits: number): number {
  return 0x80 | (bits & 0x3f);
}

/** The Unicode scalar value that starts at `i`; U+FFFD for a surrogate without its other half. */
function scalarAt(text: string, i: number): number {
  const unit = text.charCodeAt(i);
  if (unit < 0xd800 || unit > 0xdfff) return unit;
  const next = i + 1 < text.length ? text.charCodeAt(i + 1) : 0;
  const isPair = unit < 0xdc00 && next >= 0xdc00 && next <= 0xdfff;
  return isPair ? 0x10000 + ((unit - 0xd800) << 10) + (next - 0xdc00) : 0xfffd;
}
