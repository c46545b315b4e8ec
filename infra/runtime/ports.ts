import { randomInt } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { z } from 'zod';
import { SlipwayError } from '../../domain/errors.ts';
import { writePrivateFile } from './private-file.ts';

/**
 * Below the ephemeral ranges of Linux (from 32768) and macOS (from 49152): a client that reconnects to a server which
 * is down can then never be given the server's own port as its source port and connect to itself.
 */
const firstPort = 20_000;
const lastPort = 32_000;
const triesMax = 200;

const rememberedPorts = z.record(z.string(), z.int().min(1).max(65_535)).catch({});

/** Loopback ports by name, the same from start to start as long as nobody else takes them. */
export type PortBook = {
  /** Gives the port remembered under this name when it is free, else a new one. Throws `unavailable` when none is. */
  readonly claim: (name: string) => Promise<number>;
};

/** Opens the ports remembered in `file`; a missing or broken file remembers none. */
export async function openPortBook(file: string): Promise<PortBook> {
  const ports = new Map(Object.entries(await readRemembered(file)));
  const claimed = new Set<number>();
  const claim = async (name: string): Promise<number> => {
    const port = await choosePort(ports.get(name), claimed);
    claimed.add(port);
    ports.set(name, port);
    await writePrivateFile(file, `${JSON.stringify(Object.fromEntries(ports), undefined, 2)}\n`);
    return port;
  };
  return { claim };
}

/** Whether a server could listen on this loopback port now. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen({ port, host: '127.0.0.1', exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

async function choosePort(remembered: number | undefined, claimed: ReadonlySet<number>): Promise<number> {
  if (remembered !== undefined && !claimed.has(remembered) && (await isPortFree(remembered))) {
    return remembered;
  }
  for (let tries = 0; tries < triesMax; tries += 1) {
    const port = randomInt(firstPort, lastPort);
    if (!claimed.has(port) && (await isPortFree(port))) {
      return port;
    }
  }
  throw new SlipwayError('unavailable', `no free port between ${firstPort} and ${lastPort} on 127.0.0.1`, {
    fix: 'Stop programs that listen on many ports, then try again.',
  });
}

async function readRemembered(file: string): Promise<Readonly<Record<string, number>>> {
  try {
    return rememberedPorts.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return {};
  }
}
