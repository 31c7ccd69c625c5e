// Which models a running LiteLLM serves: GET /v1/models, as https://docs.litellm.ai/docs/proxy/model_discovery shows it.

import { Fault } from "../../../ports/fault.js";

export interface Gateway {
  readonly fetch: typeof fetch;
  /** `http://127.0.0.1:4000` */
  readonly url: string;
  /** A key that may use the models; null where the gateway asks for none. */
  readonly key: string | null;
}

const patience = 5_000;
const longestAnswer = 4_000_000;

/** The names. Throws a `Fault` where nobody answers, or with something else. */
export async function servedModels({ fetch, url, key }: Gateway, signal: AbortSignal): Promise<ReadonlySet<string>> {
  const limit = AbortSignal.any([signal, AbortSignal.timeout(patience)]);
  const headers: Readonly<Record<string, string>> = key === null ? {} : { authorization: `Bearer ${key}` };
  let text: string;
  try {
    const answer = await fetch(`${url.replace(/\/+$/, "")}/v1/models`, { headers, signal: limit, redirect: "error" });
    if (!answer.ok)
      throw new Fault("unreachable", `LiteLLM at ${url} answers ${answer.status} when it is asked for its models`);
    text = await textOf(answer, url);
  } catch (error) {
    if (error instanceof Fault) throw error;
    if (signal.aborted) throw new Fault("timeout", `LiteLLM at ${url} was not waited for`, { cause: error });
    throw new Fault("unreachable", `LiteLLM at ${url} does not answer`, { cause: error });
  }
  const names = namesIn(text);
  if (names === null) throw new Fault("unreachable", `what LiteLLM at ${url} answers is no list of models`);
  return new Set(names);
}

async function textOf(answer: Response, url: string): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const piece of answer.body ?? []) {
    text += decoder.decode(piece, { stream: true });
    if (text.length > longestAnswer) throw new Fault("unreachable", `the answer of LiteLLM at ${url} has no end`);
  }
  return text;
}

/** `{ "data": [{ "id": "support/planning" }] }` */
function namesIn(text: string): readonly string[] | null {
  try {
    const { data }: { readonly data?: unknown } = JSON.parse(text);
    if (!Array.isArray(data)) return null;
    return data.flatMap((model: { readonly id?: unknown } | null) => (typeof model?.id === "string" ? [model.id] : []));
  } catch {
    return null;
  }
}
