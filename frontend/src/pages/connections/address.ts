/** Reads a broker's address as people paste it: `mqtts://user@host:8883/prefix`. */

export type Address = {
  broker_host: string;
  broker_port: number;
  use_tls: boolean;
  username: string;
  password: string;
  /** The first level of the topics: the site's slug. */
  prefix: string;
};

const TLS: Record<string, boolean> = { 'mqtt:': false, 'tcp:': false, 'mqtts:': true, 'ssl:': true, 'tls:': true };

/** null for what is no address of a broker; a bare host is none, so that it can simply be typed. */
export function readAddress(pasted: string): Address | null {
  const match = /^\s*([a-z]+:)\/\/([^\s]+?)\s*$/i.exec(pasted);
  const scheme = match?.[1]?.toLowerCase() ?? '';
  const use_tls = TLS[scheme];
  if (!match || use_tls === undefined) return null;
  try {
    const url = new URL(`http://${match[2]}`); // only http is read the same by every browser
    if (!url.hostname) return null;
    return {
      broker_host: url.hostname.replace(/^\[|\]$/g, ''),
      broker_port: portOf(match[2] ?? '', use_tls),
      use_tls,
      username: decodeURIComponent(url.username),
      password: decodeURIComponent(url.password),
      prefix: url.pathname.split('/').find(Boolean) ?? '',
    };
  } catch {
    return null;
  }
}

/** `URL` forgets port 80, which is http's own. */
function portOf(rest: string, isTls: boolean): number {
  const written = /:(\d+)$/.exec(rest.split(/[/?#]/)[0]?.split('@').at(-1) ?? '');
  return written ? Number(written[1]) : isTls ? 8883 : 1883;
}
