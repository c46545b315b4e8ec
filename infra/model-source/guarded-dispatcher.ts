import { getCACertificates } from 'node:tls';
import { Agent, buildConnector, type Dispatcher } from 'undici';
import { type AddressGuard, defaultPortOf } from './address-guard.ts';

const connectTimeoutMs = 10_000;
const keepAliveMs = 10_000;
const connectionsPerOrigin = 8;

/**
 * Sockets to hosts whose addresses the guard lets through, checked as they are looked up for the connection. A host that is an address
 * is not looked up: check the URL itself first. `caCertificate` (PEM) is trusted besides the authorities that the process knows.
 */
export function createGuardedDispatcher(guard: AddressGuard, caCertificate?: string): Dispatcher {
  const trust = caCertificate === undefined ? {} : { ca: [...getCACertificates('default'), caCertificate] };
  return new Agent({
    connect: (options, callback) => {
      const port = options.port === '' ? defaultPortOf(options.protocol) : Number(options.port);
      const connect = buildConnector({
        ...trust,
        allowH2: false,
        timeout: connectTimeoutMs,
        lookup: guard.lookupFor(port),
      });
      connect(options, callback);
    },
    connections: connectionsPerOrigin,
    keepAliveTimeout: keepAliveMs,
    allowH2: false,
  });
}
