// Hearing of what others write, between two looks.

export interface Watch {
  close(): Promise<void>;
}

/** Of a state that cannot tell: who watches looks by the clock alone. */
export const silentWatch: Watch = { close: async () => undefined };
