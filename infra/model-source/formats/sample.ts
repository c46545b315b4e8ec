import { decodeText } from '../../design-source/decode-text.ts';
import type { ExtractedMember } from '../extracted.ts';
import type { SourceTree } from '../source-tree.ts';
import { nameOfFile } from './document-members.ts';

/** A design of a source, as it stands, as a sample of the model. */
export async function designSample(tree: SourceTree, path: string): Promise<ExtractedMember> {
  const decoded = decodeText(await tree.read(path), path);
  if ('finding' in decoded) return { type: 'rejected', place: path, findings: [decoded.finding] };
  const definition = { name: nameOfFile(path), description: '', source: decoded.text };
  return { type: 'sample', place: path, definition };
}
