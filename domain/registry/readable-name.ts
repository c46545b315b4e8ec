/** `Sub Namespace` of `SubNamespace`, `HTTP Route` of `HTTPRoute`, `Cert Manager` of `cert-manager`. */
export function readableName(name: string): string {
  return name
    .split(/[-_\s.]+/)
    .filter((word) => word !== '')
    .map((word) => word.replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2').replaceAll(/([A-Z]+)([A-Z][a-z])/g, '$1 $2'))
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ');
}

/** `CertManager` of `cert-manager`. */
export function pascalCase(name: string): string {
  return name
    .split(/[^A-Za-z0-9]+/)
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('');
}

/** A text as part of a name of ours: `cilium-service-mesh` of `CILIUM_SERVICE_MESH`. Empty where nothing of it can stand. */
export function slugOf(text: string, length = 100): string {
  return text
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .slice(0, length)
    .replaceAll(/^-+|-+$/g, '');
}
