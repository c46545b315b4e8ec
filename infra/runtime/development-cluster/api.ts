import { Agent, request } from 'undici';
import type { ClusterAccess } from './files.ts';

const requestMs = 5000;

export type ClusterApi = {
  /** Gives the status and text of a GET; throws when the server cannot be reached. */
  readonly get: (path: string) => Promise<{ readonly status: number; readonly text: string }>;
  /** Creates or updates an object by server-side apply and gives the status. */
  readonly apply: (path: string, object: object) => Promise<number>;
  /** Deletes an object, or all of a list, and gives the status. */
  readonly remove: (path: string) => Promise<number>;
  readonly close: () => Promise<void>;
};

/** The few calls that setting up the development cluster needs. */
export function connectToCluster(access: ClusterAccess): ClusterApi {
  const dispatcher = new Agent({
    connect: { ca: access.certificateAuthority },
    headersTimeout: requestMs,
    bodyTimeout: requestMs,
  });
  const headers = { authorization: `Bearer ${access.token}` };
  const get: ClusterApi['get'] = async (path) => {
    const response = await request(`${access.server}${path}`, { dispatcher, headers });
    return { status: response.statusCode, text: await response.body.text() };
  };
  const apply: ClusterApi['apply'] = async (path, object) => {
    const response = await request(`${access.server}${path}?fieldManager=slipway-development&force=true`, {
      dispatcher,
      method: 'PATCH',
      headers: { ...headers, 'content-type': 'application/apply-patch+yaml' },
      body: JSON.stringify(object),
    });
    await response.body.dump();
    return response.statusCode;
  };
  const remove: ClusterApi['remove'] = async (path) => {
    const response = await request(`${access.server}${path}`, { dispatcher, method: 'DELETE', headers });
    await response.body.dump();
    return response.statusCode;
  };
  return { get, apply, remove, close: () => dispatcher.close() };
}

/** Whether a component answers its health check; its self-made certificate proves nothing and is not looked at. */
export async function isHealthy(url: string): Promise<boolean> {
  const dispatcher = new Agent({
    connect: { rejectUnauthorized: false },
    headersTimeout: requestMs,
  });
  try {
    const response = await request(url, { dispatcher });
    await response.body.dump();
    return response.statusCode === 200;
  } finally {
    await dispatcher.close();
  }
}
