import type { Component } from '../design.ts';

type AdapterName = Component['adapter'];

/** Kinds that stand for a whole mesh or one of its add-ons: an adapter installs them, no cluster serves them. */
const meshAdapters: readonly { readonly pattern: RegExp; readonly adapter?: AdapterName }[] = [
  { pattern: /^(IstioMesh|[A-Za-z]+IstioAddon)$/, adapter: 'istio' },
  { pattern: /^(CiliumMesh|CiliumServiceMesh|[A-Za-z]+CiliumAddon)$/, adapter: 'cilium' },
  {
    pattern:
      /^((Linkerd|Consul|Kuma|OSM|NSM|NetworkServiceMesh|AppMesh|Traefik|TraefikMesh|NginxServiceMesh|Nginx)(Mesh|ServiceMesh)?|[A-Za-z]+(Linkerd|Consul|Kuma|OSM|NSM|AppMesh|Traefik|Nginx)Addon)$/,
  },
];

export type MeshKind = { readonly adapter?: AdapterName };

/** Whether a Meshery kind is a mesh or an add-on, and the adapter that would bring it; some have none in Slipway. */
export function meshKind(kind: string): MeshKind | undefined {
  const found = meshAdapters.find(({ pattern }) => pattern.test(kind));
  if (found === undefined) return undefined;
  return found.adapter === undefined ? {} : { adapter: found.adapter };
}

/** The API version under which Meshery itself defines its mesh kinds. */
export const meshApiVersion = 'core.meshmodel.dev/v1alpha1';

/** Models of shapes, comments and other things that are drawn but never deployed. */
export function isDrawingModel(model: string | undefined, apiVersion: string | undefined): boolean {
  return /^meshery-(core|shapes)$/.test(model ?? '') || (apiVersion ?? '').startsWith('core.meshery.io/');
}
