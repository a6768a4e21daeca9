// manifest.sha256: the name and SHA-256 of every file, in the form that `sha256sum -c` reads.
import { sha256Hex } from './signatures.ts';
import type { ZipEntry } from './zipContainer.ts';

export const manifestName = 'manifest.sha256';
export const firstSignatureName = 'manifest.sig';
export const publicKeyName = 'public-key.pem';
/** The files of a package that are written beside it too, and the package. */
export const evidenceFileNames = { pdf: 'report.pdf', html: 'report.html', json: 'report.json', junit: 'junit.xml', csv: 'results.csv', bom: 'bom.cdx.json', zip: 'evidence.zip' } as const;
/** "signatures/002-reviewed.sig": the second signature. */
export const laterSignatureName = (index: number, meaning: string, kind: 'sig' | 'html' | 'pdf' = 'sig'): string => `signatures/${String(index).padStart(3, '0')}-${meaning}.${kind}`;
/** The newest page of signatures, beside the package. */
export const signaturePageNames = { html: 'signatures.html', pdf: 'signatures.pdf' } as const;
/** What a package without is incomplete. */
export const requiredNames = ['report.pdf', 'report.html', 'report.json', 'junit.xml', 'results.csv', 'bom.cdx.json', 'receipt.json', publicKeyName, 'how-to-verify.txt'] as const;

export function makeManifest(entries: readonly ZipEntry[]): Buffer {
  return Buffer.from(entries.map((entry) => `${sha256Hex(entry.bytes)}  ${entry.name}\n`).join(''), 'latin1');
}

/** Names and hashes in the order of the manifest; null when it is not in this form. */
export function readManifest(bytes: Uint8Array): Array<readonly [string, string]> | null {
  const text = Buffer.from(bytes).toString('latin1');
  const lines = text.split('\n');
  if (lines.pop() !== '') return null;
  const rows = lines.map((line) => /^([0-9a-f]{64}) {2}([a-z0-9._/-]+)$/.exec(line));
  return rows.every((row) => row !== null) ? rows.map((row) => [row?.[2] ?? '', row?.[1] ?? ''] as const) : null;
}

export const howToVerify = `How to verify this package

With Millwright:   millwright evidence verify FILE.zip        (no network and no other file is needed)

By hand, with sha256sum and OpenSSL 3:
1. Unpack the zip and run:   sha256sum -c manifest.sha256
2. manifest.sig holds the signature as JSON: "payload" and "signature" (Base64). The signed bytes are the payload as JSON with sorted keys and no
   spaces. payload.manifestSha256 is the SHA-256 of manifest.sha256. With jq:
     jq -cSj .payload manifest.sig > payload.json ; jq -r .signature manifest.sig | base64 -d > payload.sig
     openssl pkeyutl -verify -pubin -inkey public-key.pem -rawin -in payload.json -sigfile payload.sig
3. Files signatures/*.sig are later signatures (reviewed, approved); each holds its own public key and the SHA-256 of the signature before it.
   The .html and .pdf beside each show it in print, with all signatures before it; it signs them too (payload.packed lists the hash of their packed bytes).

The key id is the first 16 hex digits of the SHA-256 of the public key (DER). Ask the signer for it by another way than this package:
a valid signature of an unknown key only shows that nothing changed since somebody signed.
`;
