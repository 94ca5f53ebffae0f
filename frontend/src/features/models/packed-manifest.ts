/** The manifest within a packed model, read in the browser, so that the dialog can say what the upload will be. */

const END = 0x06054b50;
const ENTRY = 0x02014b50;
const LONGEST_END = 22 + 65_535;
const LARGEST = 1024 * 1024;

/** The parsed `model.json` of a zip, or null where it has none that can be read: the server says why. */
export async function packedManifest(file: Blob): Promise<Record<string, unknown> | null> {
  try {
    const entry = await findEntry(file, "model.json");
    if (!entry) return null;
    const parsed: unknown = JSON.parse(await textOf(file, entry));
    return typeof parsed === "object" && parsed !== null ? (parsed as Record<string, unknown>) : null;
  } catch {
    return null;
  }
}

interface Entry {
  method: number;
  packed: number;
  offset: number;
}

const view = async (blob: Blob) => new DataView(await blob.arrayBuffer());

/** PKWARE's APPNOTE 4.3: the record at the end leads to the directory, and that to each file. */
async function findEntry(file: Blob, name: string): Promise<Entry | null> {
  const tail = await view(file.slice(Math.max(0, file.size - LONGEST_END)));
  let at = tail.byteLength - 22;
  while (at >= 0 && tail.getUint32(at, true) !== END) at -= 1;
  if (at < 0) return null;
  const start = tail.getUint32(at + 16, true);
  const directory = await view(file.slice(start, start + tail.getUint32(at + 12, true)));
  let place = 0;
  while (place + 46 <= directory.byteLength && directory.getUint32(place, true) === ENTRY) {
    const [named, extra, comment] = [28, 30, 32].map((field) => directory.getUint16(place + field, true));
    const bytes = new Uint8Array(directory.buffer, place + 46, named);
    if (new TextDecoder().decode(bytes) === name) {
      return {
        method: directory.getUint16(place + 10, true),
        packed: directory.getUint32(place + 20, true),
        offset: directory.getUint32(place + 42, true),
      };
    }
    place += 46 + (named ?? 0) + (extra ?? 0) + (comment ?? 0);
  }
  return null;
}

async function textOf(file: Blob, { method, packed, offset }: Entry): Promise<string> {
  const head = await view(file.slice(offset, offset + 30));
  const start = offset + 30 + head.getUint16(26, true) + head.getUint16(28, true);
  const stored = file.slice(start, start + packed);
  if (packed > LARGEST) throw new Error("too large");
  if (method === 0) return stored.text();
  const reader = stored.stream().pipeThrough(new DecompressionStream("deflate-raw")).getReader();
  const parts: BlobPart[] = [];
  let size = 0;
  for (let read = await reader.read(); !read.done; read = await reader.read()) {
    size += read.value.byteLength;
    if (size > LARGEST) throw new Error("too large");
    parts.push(read.value);
  }
  return new Blob(parts).text();
}
