// The two pipes a page may have to the host: a MessagePort handed over by the desktop shell, or a WebSocket on the page's own origin.
import type { Channel, Frame } from '#shared/rpc';

/** Gives a new channel each time the host is reachable (again); `onLost` says that the present one is gone. */
export type Transport = (events: { onChannel(channel: Channel): void; onLost(reason: string): void }) => () => void;

const isFrame = (value: unknown): value is Frame => typeof value === 'object' && value !== null && 't' in value && 'id' in value;

function portChannel(port: MessagePort): Channel {
  const frameListeners: ((frame: Frame) => void)[] = [];
  const closeListeners: (() => void)[] = [];
  let open = true;
  const close = () => {
    if (!open) return;
    open = false;
    port.close();
    closeListeners.forEach((listener) => listener());
  };
  port.addEventListener('message', (event) => { if (isFrame(event.data)) frameListeners.forEach((listener) => listener(event.data as Frame)); });
  port.addEventListener('close', close); // newer Chromium tells; older ones rely on the shell's message
  port.start();
  return { send: (frame) => port.postMessage(frame), onFrame: (listener) => void frameListeners.push(listener), onClose: (listener) => void closeListeners.push(listener), close };
}

const hostStateOf = (data: unknown): string | null => (typeof data === 'object' && data !== null && 'millwright' in data && 'state' in data ? String(data.state) : null);

/** Desktop: the preload posts `millwright-port` with a port whenever the host (re)starts, and the host's state when that changes. */
export const portTransport: Transport = ({ onChannel, onLost }) => {
  let current: Channel | null = null;
  const listener = (event: MessageEvent) => {
    if (event.source !== window) return;
    if (event.data === 'millwright-port' && event.ports[0]) {
      current?.close();
      const channel = portChannel(event.ports[0]);
      channel.onClose(() => { if (current === channel) { current = null; onLost('The host process ended and is being started again.'); } });
      current = channel;
      onChannel(channel);
    }
    const state = hostStateOf(event.data);
    if (state !== 'restarting' && state !== 'stopped') return;
    current?.close();
    onLost(state === 'stopped' ? 'The host process stopped and could not be started again. Restart Millwright.' : 'The host process is being started again.');
  };
  window.addEventListener('message', listener);
  return () => { window.removeEventListener('message', listener); current?.close(); };
};

/** Waiting time before the n-th try to connect again, in milliseconds: 0.25 s, doubling, at most 5 s. */
export const backoffMs = (attempt: number): number => Math.min(5000, 250 * 2 ** Math.max(0, attempt - 1));

/** A host that answers but refuses has forgotten this browser; trying again would not help. */
const isForgotten = (): Promise<boolean> => fetch('/', { method: 'HEAD', credentials: 'same-origin' }).then((answer) => answer.status === 401, () => false);
const away = 'It does not answer; trying again. If it was started on another port, open the address that it printed.';
const forgotten = 'The host does not know this browser any more: open the address that “millwright ui” printed last.';

/** Browser: frames as JSON over `/rpc` on the same origin, with reconnecting. */
export const socketTransport: Transport = ({ onChannel, onLost }) => {
  let stopped = false;
  let attempt = 0;
  let reason = away;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let socket: WebSocket | null = null;
  const connect = () => {
    const frameListeners: ((frame: Frame) => void)[] = [];
    const closeListeners: (() => void)[] = [];
    const url = new URL('/rpc', window.location.href);
    url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
    const ws = new WebSocket(url);
    socket = ws;
    ws.onopen = () => {
      attempt = 0;
      onChannel({
        send: (frame) => { if (ws.readyState === WebSocket.OPEN) ws.send(JSON.stringify(frame)); },
        onFrame: (listener) => void frameListeners.push(listener),
        onClose: (listener) => void closeListeners.push(listener),
        close: () => ws.close(),
      });
    };
    ws.onmessage = (event) => {
      let frame: unknown;
      try { frame = JSON.parse(String(event.data)); } catch { return; }
      if (isFrame(frame)) frameListeners.forEach((listener) => listener(frame));
    };
    ws.onclose = () => {
      closeListeners.forEach((listener) => listener());
      if (stopped) return;
      attempt += 1;
      onLost(reason);
      void isForgotten().then((so) => { reason = so ? forgotten : away; if (!stopped && socket?.readyState !== WebSocket.OPEN) onLost(reason); });
      timer = setTimeout(connect, backoffMs(attempt));
    };
  };
  connect();
  return () => { stopped = true; clearTimeout(timer); socket?.close(); };
};
