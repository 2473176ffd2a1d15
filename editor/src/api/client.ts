/** One door to the engine: JSON in, JSON out, and every refusal as an `ApiError` that says what happened in both languages. */
import type { Text } from "@/app/i18n";

export const base = "/api/v1";

export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly where: Record<string, unknown>;
  readonly text: Text;
  readonly body: unknown;

  constructor(status: number, text: Text, code: string, where: Record<string, unknown> = {}, body: unknown = null) {
    super(text.en);
    this.status = status;
    this.text = text;
    this.code = code;
    this.where = where;
    this.body = body;
  }
}

const unreachable: Text = {
  en: "The engine does not answer. Check the connection and try again.",
  zh: "引擎没有响应。请检查网络连接后重试。",
};
const unreadable: Text = {
  en: "The engine gave an answer that this page cannot read. Reload the page; if it stays, look at the engine's log.",
  zh: "引擎返回了无法识别的内容。请刷新页面；如果仍然如此，请查看引擎日志。",
};

let onSignedOut: () => void = () => undefined;
/** What happens when the engine says that nobody is signed in any more. */
export function whenSignedOut(act: () => void): void {
  onSignedOut = act;
}

type Parameters = Record<string, string | number | boolean | null | undefined>;

/** A path with its query; empty values are left out. */
export function withQuery(path: string, parameters: Parameters = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value !== null && value !== undefined && value !== "") query.set(name, String(value));
  }
  const text = query.toString();
  return text ? `${path}?${text}` : path;
}

export async function request<T>(method: string, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  return heard(path, await reach(method, path, body, signal));
}

/** A file's content as it is, of the type it is. */
export async function upload<T>(path: string, content: Blob, type: string): Promise<T> {
  return heard(path, await reach("POST", path, new Blob([content], { type })));
}

async function heard<T>(path: string, answer: Response): Promise<T> {
  const content = await readJson(answer);
  if (answer.ok) return content as T;
  if (answer.status === 401 && path !== "/login") onSignedOut();
  throw refusal(answer.status, content);
}

export const get = <T>(path: string, parameters?: Parameters, signal?: AbortSignal) =>
  request<T>("GET", withQuery(path, parameters), undefined, signal);
export const post = <T>(path: string, body: unknown = {}) => request<T>("POST", path, body);
export const put = <T>(path: string, body: unknown) => request<T>("PUT", path, body);
export const patch = <T>(path: string, body: unknown) => request<T>("PATCH", path, body);
export const remove = <T>(path: string) => request<T>("DELETE", path);

async function reach(method: string, path: string, body: unknown, signal?: AbortSignal): Promise<Response> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (body !== undefined) headers["Content-Type"] = body instanceof Blob ? body.type : "application/json";
  try {
    return await fetch(base + path, {
      method,
      headers,
      body: body === undefined || body instanceof Blob ? body : JSON.stringify(body),
      credentials: "same-origin",
      signal,
    });
  } catch (trouble) {
    if (signal?.aborted) throw trouble;
    throw new ApiError(0, unreachable, "network:unreachable");
  }
}

async function readJson(answer: Response): Promise<unknown> {
  const text = await answer.text();
  if (!text) return null;
  try {
    return JSON.parse(text);
  } catch {
    if (answer.ok) throw new ApiError(answer.status, unreadable, "answer:unreadable");
    return null;
  }
}

function refusal(status: number, content: unknown): ApiError {
  const body = (content ?? {}) as { error?: string; error_zh?: string; code?: string; where?: Record<string, unknown> };
  if (!body.error) return new ApiError(status, status >= 500 ? unreachable : unreadable, `http:${status}`, {}, content);
  const text = { en: body.error, zh: body.error_zh ?? body.error };
  return new ApiError(status, text, body.code ?? `http:${status}`, body.where, content);
}
