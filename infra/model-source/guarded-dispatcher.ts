import { Agent, buildConnector, type Dispatcher } from 'undici';
import { type AddressGuard, defaultPortOf } from './address-guard.ts';

const connectTimeoutMs = 10_000;
const keepAliveMs = 10_000;
const connectionsPerOrigin = 8;

/**
 * Sockets to hosts whose addresses the guard lets through, checked as they are looked up for the connection. A host that is an address
 * is not looked up: check the URL itself first.
 */
export function createGuardedDispatcher(guard: AddressGuard): Dispatcher {
  return new Agent({
    connect: (options, callback) => {
      const port = options.port === '' ? defaultPortOf(options.protocol) : Number(options.port);
      buildConnector({ allowH2: false, timeout: connectTimeoutMs, lookup: guard.lookupFor(port) })(options, callback);
    },
    connections: connectionsPerOrigin,
    keepAliveTimeout: keepAliveMs,
    allowH2: false,
  });
}
