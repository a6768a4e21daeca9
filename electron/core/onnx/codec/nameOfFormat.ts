// Says what a file that is no ONNX model really is, from its first bytes: the reason a person needs when the wrong file was picked.

interface Signature { readonly at: number; readonly bytes: string; readonly name: string; readonly hint?: string }

const gitLfsHint = 'Fetch the real file with `git lfs pull`, then try again.';

/** `bytes` is Latin-1: one character is one byte. */
const signatures: readonly Signature[] = [
  { at: 0, bytes: '\xff\xd8\xff', name: 'a JPEG image' },
  { at: 0, bytes: '\x89PNG\r\n', name: 'a PNG image' },
  { at: 0, bytes: 'GIF8', name: 'a GIF image' },
  { at: 0, bytes: 'II*\0', name: 'a TIFF image' },
  { at: 0, bytes: 'MM\0*', name: 'a TIFF image' },
  { at: 0, bytes: '%PDF-', name: 'a PDF document' },
  { at: 0, bytes: 'PK\x03\x04', name: 'a zip archive (PyTorch .pt, Keras .keras and NumPy .npz files are zip archives, too)', hint: 'Unpack it, or export the model to ONNX from its framework.' },
  { at: 0, bytes: '\x1f\x8b', name: 'a gzip archive', hint: 'Unpack it first.' },
  { at: 0, bytes: "7z\xbc\xaf'\x1c", name: 'a 7-Zip archive', hint: 'Unpack it first.' },
  { at: 0, bytes: 'version https://git-lfs', name: 'a Git LFS pointer, not the model itself', hint: gitLfsHint },
  { at: 0, bytes: '\x89HDF\r\n', name: 'an HDF5 file (Keras .h5)', hint: 'Export the model to ONNX from its framework.' },
  { at: 4, bytes: 'TFL3', name: 'a TensorFlow Lite model', hint: 'Convert it with `millwright model convert`.' },
  { at: 4, bytes: 'ORTM', name: 'a model in ORT format', hint: 'Use the ONNX file that it was made from.' },
  { at: 0, bytes: 'GGUF', name: 'a GGUF model' },
  { at: 0, bytes: 'ptrt', name: 'a TensorRT engine', hint: 'Use the ONNX file that it was made from.' },
  { at: 0, bytes: '\x93NUMPY', name: 'a NumPy array' },
  { at: 0, bytes: 'PAR1', name: 'a Parquet table' },
  { at: 0, bytes: 'SQLite format 3', name: 'an SQLite database' },
  { at: 0, bytes: '\x7fELF', name: 'a Linux program' },
  { at: 0, bytes: 'MZ', name: 'a Windows program' },
  { at: 0, bytes: 'BM', name: 'a BMP image' },
  { at: 0, bytes: 'RIFF', name: 'a RIFF file (WAV, AVI or WebP)' },
  { at: 0, bytes: '\x80\x02', name: 'a Python pickle' },
  { at: 0, bytes: '\x80\x03', name: 'a Python pickle' },
  { at: 0, bytes: '\x80\x04', name: 'a Python pickle' },
  { at: 0, bytes: '\x80\x05', name: 'a Python pickle' },
  { at: 8, bytes: '{"', name: 'a safetensors file', hint: 'It holds weights without a graph; export the model to ONNX from its framework.' },
];

export interface NamedFormat { readonly name: string; readonly hint?: string }

/** The format of the file, or null when nothing known fits. Only asked when the bytes do not decode. */
export function nameOfFormat(bytes: Uint8Array): NamedFormat | null {
  if (bytes.length === 0) return { name: 'empty', hint: 'Copy the file again: it has no bytes.' };
  const head = String.fromCharCode(...bytes.subarray(0, 512));
  const found = signatures.find((signature) => head.startsWith(signature.bytes, signature.at));
  if (found) return { name: found.name, ...(found.hint === undefined ? {} : { hint: found.hint }) };
  if (/^\0+$/.test(head)) return { name: 'filled with zero bytes', hint: 'Copy the file again: a broken copy or a full disk leaves such files.' };
  const text = head.replace(/^\xef\xbb\xbf/, '').trimStart();
  if (/^<(!doctype html|html|head|body)/i.test(text)) return { name: 'an HTML page', hint: 'The download was answered by a web page, perhaps a login; download the model again.' };
  if (/^<(\?xml|net)/i.test(text)) return { name: 'an XML file (OpenVINO models are XML, too)' };
  if (/^[[{]/.test(text) && isText(head)) return { name: 'a JSON file' };
  return isText(head) ? { name: 'a text file' } : null;
}

function isText(head: string): boolean {
  // Bytes from 0x80 may be UTF-8; control characters other than tab and line ends are not text.
  return !/[\0-\x08\x0e-\x1f\x7f]/.test(head);
}
