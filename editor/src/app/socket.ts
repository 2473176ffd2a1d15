/** The live line to the engine: one WebSocket for the whole editor. After every reconnect listeners fetch anew. */
import { useEffect, useRef, useSyncExternalStore } from "react";
import { io, type Socket } from "socket.io-client";

let line: Socket | null = null;

/** The socket; it connects at its first use and reconnects by itself. */
export function socket(): Socket {
  line ??= io({ transports: ["websocket"], reconnectionDelay: 500, reconnectionDelayMax: 5_000 });
  return line;
}

/** Hang up, as when the operator signs out. */
export function hangUp(): void {
  line?.disconnect();
  line = null;
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
  return useSyncExternalStore(subscribe, () => line?.connected ?? false);
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
