// What each part of the report is given and answers: the blocks of a section, or the reason why it has none.
import type { ValidationReceipt } from '../receipt.ts';
import type { Block } from '../model.ts';
import { phrase, type Phrase } from '../texts/say.ts';
import type { SectionId } from '../sections.ts';

/** Who signs this report, and the hash of the receipt that it is drawn from. */
export interface ReportIdentity {
  readonly reportSha256: string;
  /** Of bom.cdx.json. */
  readonly bomSha256: string;
  readonly keyId: string;
  readonly signer: string;
  readonly role: string;
  /** ISO 8601. */
  readonly signedAt: string;
}

/** Blocks, or why there are none. */
export type Content = readonly Block[] | { readonly reason: string };
export type Part = (receipt: ValidationReceipt, identity: ReportIdentity) => Content;
export type Parts<Ids extends SectionId> = Readonly<Record<Ids, Part>>;

export const missing = (reason: Phrase): Content => ({ reason: phrase(reason) });
