/** The live line to the engine: one WebSocket for the whole editor. After every reconnect listeners fetch anew. */
import { useEffect, useRef, useSyncExternalStore } from "react";
import { io, type Socket } from "socket.io-client";

let line: Socket | null = null;

/** The socket. Listeners may be added and removed at any time; it is connected between `pickUp` and `hangUp`. */
export function socket(): Socket {
  line ??= io({
    transports: ["websocket"],
    autoConnect: false,
    reconnectionDelay: 500,
    reconnectionDelayMax: 5_000,
  });
  return line;
}

/** Connect as whoever is signed in now; from then on it reconnects by itself. */
export function pickUp(): void {
  socket().connect();
}

/** Hang up, as when the operator signs out: the line was opened for them. */
export function hangUp(): void {
  line?.disconnect();
}

/** Run `hear` for every message with this name while the component is shown. */
export function useSocketEvent<T>(name: string, hear: (message: T) => void): void {
  const latest = useRef(hear);
  useEffect(() => {
    latest.current = hear;
  });
  useEffect(() => {
    const listener = (message: T) => latest.current(message);
    const open = socket();
    open.on(name, listener);
    return () => void open.off(name, listener);
  }, [name]);
}

/** Whether the live line is up. */
export function useConnected(): boolean {
  return useSyncExternalStore(subscribe, () => socket().connected);
}

function subscribe(changed: () => void): () => void {
  const open = socket();
  open.on("connect", changed);
  open.on("disconnect", changed);
  return () => {
    open.off("connect", changed);
    open.off("disconnect", changed);
  };
}
