// The seam to an embedded SQL database file: thin, so that a newer Node's own can take the place of the library.

export type SqlValue = string | number | null;
export type Row = Readonly<Record<string, SqlValue>>;

/** Statements inside one transaction. They are synchronous, so nothing of this process comes between them. */
export interface Sql {
  get(text: string, ...values: readonly SqlValue[]): Row | null;
  all(text: string, ...values: readonly SqlValue[]): readonly Row[];
  /** How many rows it changed. */
  run(text: string, ...values: readonly SqlValue[]): number;
}

export interface Database {
  /** One consistent view of the file. */
  read<T>(work: (sql: Sql) => T): Promise<T>;
  /** All or nothing, on disk before it returns. Waits for other writers without blocking; throws a `Fault` ("timeout") after ten seconds. */
  write<T>(work: (sql: Sql) => T): Promise<T>;
  close(): Promise<void>;
}

export interface DatabaseFile {
  readonly path: string;
  readonly readOnly: boolean;
  /** `full`: every commit survives a power cut. `normal`: every commit survives a crash of the process. */
  readonly durability: "full" | "normal";
  /** What is in the file: a file of another kind, or of a newer format, is refused. */
  readonly kind: { readonly name: string; readonly applicationId: number; readonly format: number };
  /** Fills a new file, in one transaction. */
  create(sql: Sql): void;
  /** Brings a file of an older format to this one, in one transaction. Opened for reading alone, it stays as it is. */
  upgrade?(sql: Sql, from: number): void;
}

/**
 * Opens the file, and creates it unless it is opened for reading alone: then a missing or empty file answers null, and nothing is written.
 * Throws a `Fault`: "rejected" for a file that is something else or damaged, "unsupported" for a newer format, "unreachable" where the disk refuses.
 */
export type OpenDatabase = (file: DatabaseFile) => Promise<Database | null>;
