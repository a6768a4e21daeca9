// The bill of materials of the serving image: CycloneDX 1.6 JSON over the parts, the program and what is bundled into it.
export interface ImageComponent {
  readonly name: string;
  readonly version: string;
  readonly licence: string;
  readonly purl: string;
  readonly sha256: string | null;
}

/** `licence` is an SPDX expression, or a name where there is none. */
const licenceOf = (licence: string) => (/^[A-Za-z0-9.+\- ()]+$/.test(licence) ? { expression: licence } : { license: { name: licence } });

export function imageBom({ version, created, components }: { readonly version: string; readonly created: string; readonly components: readonly ImageComponent[] }): string {
  const listed = [...components].sort((a, b) => (a.purl < b.purl ? -1 : 1)).map(({ name, version: release, licence, purl, sha256 }) => ({
    'type': 'library', 'bom-ref': purl, name, 'version': release, purl, 'licenses': [licenceOf(licence)],
    ...(sha256 === null ? {} : { hashes: [{ alg: 'SHA-256', content: sha256 }] }),
  }));
  return `${JSON.stringify({
    bomFormat: 'CycloneDX', specVersion: '1.6', version: 1,
    metadata: { timestamp: created, component: { 'type': 'container', 'bom-ref': 'image', 'name': 'millwright-serving', version } },
    components: listed,
    dependencies: [{ ref: 'image', dependsOn: listed.map((component) => component['bom-ref']) }],
  }, null, 1)}\n`;
}
