/** What lines of a connection's log mean together: how long a link was away. */

export type Line = {
  id: number;
  connection_id: number;
  timestamp: string;
  level: string;
  message: string;
  retry_attempt: number;
};

/** For each line that tells of a link's return: for how many seconds it was away. Lines come newest first. */
export function absences(lines: Line[]): Map<number, number> {
  const found = new Map<number, number>();
  const lost = new Map<number, number>();
  for (const line of [...lines].reverse()) {
    const at = Date.parse(line.timestamp);
    if (line.retry_attempt > 0) {
      if (!lost.has(line.connection_id)) lost.set(line.connection_id, at);
    } else if (line.message.startsWith('Connected to')) {
      const since = lost.get(line.connection_id);
      if (since !== undefined) found.set(line.id, (at - since) / 1000);
      lost.delete(line.connection_id);
    }
  }
  return found;
}
