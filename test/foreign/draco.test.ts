import { expect } from 'vitest';
import { describeForeign } from './describe-foreign.ts';
import { readPackageFile, requireFresh } from './packages.ts';

/** As far as its documentation tells; all objects are released by destroy(). */
interface List {
  size(): number;
  GetValue(at: number): number;
}
interface Mesh {
  num_faces(): number;
  num_points(): number;
}
interface Decoding {
  readonly POSITION: number;
  DecoderBuffer: new () => { Init(bytes: Int8Array, length: number): void };
  Decoder: new () => {
    DecodeBufferToMesh(buffer: object, mesh: Mesh): void;
    GetFaceFromMesh(mesh: Mesh, face: number, corners: List): void;
    GetAttributeId(mesh: Mesh, kind: number): number;
    GetAttribute(mesh: Mesh, id: number): object;
    GetAttributeFloatForAllPoints(mesh: Mesh, attribute: object, values: List): void;
  };
  Mesh: new () => Mesh;
  DracoInt32Array: new () => List;
  DracoFloat32Array: new () => List;
  destroy(object: object): void;
}
interface Encoding {
  readonly POSITION: number;
  readonly MESH_EDGEBREAKER_ENCODING: number;
  Encoder: new () => {
    SetSpeedOptions(encoding: number, decoding: number): void;
    SetAttributeQuantization(kind: number, bits: number): void;
    SetEncodingMethod(method: number): void;
    EncodeMeshToDracoBuffer(mesh: Mesh, bytes: List): number;
  };
  MeshBuilder: new () => {
    AddFacesToMesh(mesh: Mesh, faces: number, corners: Uint32Array): void;
    AddFloatAttributeToMesh(
      mesh: Mesh,
      kind: number,
      points: number,
      stride: number,
      values: Float32Array,
    ): void;
  };
  Mesh: new () => Mesh;
  DracoInt8Array: new () => List;
  destroy(object: object): void;
}

function load<T>(which: 'decoder' | 'encoder'): Promise<T> {
  const create = requireFresh<(options: object) => Promise<T>>(`draco3d/draco_${which}_nodejs.js`);
  return create({ wasmBinary: readPackageFile(`draco3d/draco_${which}.wasm`) });
}

interface Shape {
  readonly corners: Uint32Array;
  readonly positions: Float32Array;
}

function decode(draco: Decoding, file: Uint8Array): Shape {
  const buffer = new draco.DecoderBuffer();
  const decoder = new draco.Decoder();
  const mesh = new draco.Mesh();
  buffer.Init(new Int8Array(file), file.length);
  decoder.DecodeBufferToMesh(buffer, mesh);
  const corners = new Uint32Array(3 * mesh.num_faces());
  const face = new draco.DracoInt32Array();
  for (let at = 0; at < mesh.num_faces(); at++) {
    decoder.GetFaceFromMesh(mesh, at, face);
    for (let corner = 0; corner < 3; corner++) corners[3 * at + corner] = face.GetValue(corner);
  }
  const attribute = decoder.GetAttribute(mesh, decoder.GetAttributeId(mesh, draco.POSITION));
  const values = new draco.DracoFloat32Array();
  decoder.GetAttributeFloatForAllPoints(mesh, attribute, values);
  const positions = Float32Array.from({ length: values.size() }, (_, at) => values.GetValue(at));
  for (const object of [values, face, mesh, decoder, buffer]) draco.destroy(object);
  return { corners, positions };
}

function encode(draco: Encoding, { corners, positions }: Shape): Uint8Array {
  const encoder = new draco.Encoder();
  const builder = new draco.MeshBuilder();
  const mesh = new draco.Mesh();
  const bytes = new draco.DracoInt8Array();
  builder.AddFacesToMesh(mesh, corners.length / 3, corners);
  builder.AddFloatAttributeToMesh(mesh, draco.POSITION, positions.length / 3, 3, positions);
  encoder.SetSpeedOptions(5, 5);
  encoder.SetAttributeQuantization(draco.POSITION, 10);
  encoder.SetEncodingMethod(draco.MESH_EDGEBREAKER_ENCODING);
  const length = encoder.EncodeMeshToDracoBuffer(mesh, bytes);
  const file = Uint8Array.from({ length }, (_, at) => bytes.GetValue(at));
  for (const object of [bytes, mesh, builder, encoder]) draco.destroy(object);
  return file;
}

describeForeign({
  name: 'draco: decoder and encoder',
  modules: [
    { source: 'glue', allocator: 'dlmalloc', blocks: 50 },
    { source: 'glue', allocator: 'dlmalloc', blocks: 50 },
  ],
  async run() {
    const decoding = await load<Decoding>('decoder');
    const encoding = await load<Encoding>('encoder');
    const bunny = decode(decoding, readPackageFile('draco3d/bunny.drc'));
    const encoded = encode(encoding, bunny);
    const again = decode(decoding, encoded);
    return { ...bunny, encoded, facesAgain: again.corners.length / 3 };
  },
  check({ corners, facesAgain, encoded }) {
    expect((corners as Uint32Array).length / 3).toBe(facesAgain);
    expect(facesAgain).toBeGreaterThan(10_000);
    expect((encoded as Uint8Array).length).toBeLessThan(200_000);
  },
});
