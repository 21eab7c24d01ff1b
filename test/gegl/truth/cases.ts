// What the truth test renders with both sides, and how far they may be apart.

export interface Area {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** A picture that paint() makes. */
export interface Picture {
  format: string;
  seed: number;
}

export interface Step {
  operation: string;
  properties?: Readonly<Record<string, number | boolean | string>>;
}

export interface Allowance {
  /** The largest absolute difference of a component: of 1.0 in float formats, code values in integer formats. */
  value: number;
  reason: string;
}

export interface TruthCase {
  name: string;
  /** Of the pictures, which lie at the origin. */
  width: number;
  height: number;
  /** For the pads of the first step's operation. */
  input?: Picture;
  aux?: Picture;
  /** A chain, output to input. */
  steps: readonly Step[];
  /** The format of what is rendered. */
  output: string;
  area: Area;
  maxDifference: Allowance;
}

const exact: Allowance = { value: 0, reason: 'pixels are only moved' };
const rounding: Allowance = { value: 1e-5, reason: 'float rounding, relative to 1.0' };
const oneCode: Allowance = { value: 1, reason: 'rounds to the neighbouring code value' };
const labRounding: Allowance = {
  value: 1e-3,
  reason: "1e-5 of L's range of 100; babl's own tolerance is 4.7e-6 on average",
};
const labPolar: Allowance = {
  value: 2e-3,
  reason: "1e-5 of a's and b's range of 200, through hue and chroma and back, in babl's tolerance",
};
const viaLab: Allowance = {
  value: 1e-4,
  reason:
    'to CIE LCH and back: 1e-5 of L is up to 3e-5 of linear light, and saturated colors cancel',
};
const convertsInside: Allowance = {
  value: 5e-5,
  reason:
    'converts to another format inside, by babl with its tolerance of 4.7e-6 on average, and multiplies what it finds',
};
const iterated: Allowance = {
  value: 2e-4,
  reason: 'an iterative solver: each round passes its rounding on to the next',
};

/*
 * Pictures come in the format that the operation works in. Elsewhere babl converts, by a path that it picks by
 * timing (of all within 4.7e-6 of the truth on average), and an operation that decides or sharpens would show which
 * one it was: conversions have cases of their own.
 */

/** Also where an operation resamples: dividing by an alpha of nearly 0 would magnify rounding. */
const premultiplied: Picture = { format: 'RaGaBaA float', seed: 1 };
const linear: Picture = { format: 'RGBA float', seed: 1 };
const opaque: Picture = { format: 'RGB float', seed: 1 };
const perceptual: Picture = { format: "R'G'B'A float", seed: 1 };
const perceptualOpaque: Picture = { format: "R'G'B' float", seed: 1 };
const bytes: Picture = { format: "R'G'B'A u8", seed: 3 };
const words: Picture = { format: 'RGB u16', seed: 4 };
const gray: Picture = { format: 'Y float', seed: 5 };
const nonlinear: Picture = { format: 'R~G~B~A float', seed: 1 };
const hsv: Picture = { format: 'HSVA float', seed: 1 };
const perceptualGrayAlpha: Picture = { format: "Y'A float", seed: 5 };
const perceptualGray: Picture = { format: "Y' float", seed: 5 };
const lab: Picture = { format: 'CIE Lab float', seed: 2 };

type Options = Partial<Omit<TruthCase, 'name' | 'steps' | 'width' | 'height'>> & {
  size?: readonly [width: number, height: number];
};

/** Crosses the borders of GEGL's tiles of 128 x 128 pixels, in both directions. */
const usualSize = [200, 150] as const;

function chain(steps: readonly Step[], options: Options = {}): TruthCase {
  const [width, height] = options.size ?? usualSize;
  const { input, aux } = options;
  const output = options.output ?? input?.format ?? linear.format;
  const area = options.area ?? { x: 0, y: 0, width, height };
  const pictures = [input, aux].flatMap((picture) => (picture ? [picture.format] : []));
  const name = [
    steps.map(describeStep).join(', '),
    `${[...pictures].join(' and ') || 'nothing'} to ${output}`,
    `${area.width}x${area.height}${area.x || area.y ? ` at ${area.x},${area.y}` : ''}`,
  ].join('; ');
  return {
    name,
    width,
    height,
    steps,
    output,
    area,
    maxDifference: output.includes(' u') ? oneCode : rounding,
    ...(input && { input }),
    ...(aux && { aux }),
    ...(options.maxDifference && { maxDifference: options.maxDifference }),
  };
}

function describeStep({ operation, properties = {} }: Step): string {
  return [operation, ...Object.entries(properties).map(([name, value]) => `${name}=${value}`)].join(
    ' ',
  );
}

/** An operation on a picture. */
function filter(
  operation: string,
  properties: Step['properties'] = {},
  options: Options = {},
): TruthCase {
  return chain([{ operation, properties }], { input: linear, ...options });
}

/** An operation that makes pixels out of nothing. */
function source(
  operation: string,
  properties: Step['properties'] = {},
  options: Options = {},
): TruthCase {
  return chain([{ operation, properties }], options);
}

function compose(
  operation: string,
  format: string,
  properties: Step['properties'] = {},
): TruthCase {
  return chain([{ operation, properties }], {
    input: { format, seed: 1 },
    aux: { format, seed: 2 },
    size: [157, 139],
  });
}

function convert(from: string, to: string, options: Options = {}): TruthCase {
  return chain([{ operation: 'gegl:nop' }], {
    input: { format: from, seed: 6 },
    output: to,
    ...options,
  });
}

const blurs = [
  filter('gegl:gaussian-blur', { 'std-dev-x': 8, 'std-dev-y': 8 }),
  filter('gegl:gaussian-blur', { 'std-dev-x': 2.5, 'std-dev-y': 4, filter: 'fir' }),
  filter('gegl:gaussian-blur', {
    'std-dev-x': 12,
    'std-dev-y': 3,
    filter: 'iir',
    'abyss-policy': 'none',
  }),
  filter('gegl:gaussian-blur', { 'std-dev-x': 5, 'std-dev-y': 5 }, { size: [1, 1] }),
  filter(
    'gegl:gaussian-blur',
    { 'std-dev-x': 3, 'std-dev-y': 3 },
    { input: bytes, size: [129, 127] },
  ),
  filter('gegl:gaussian-blur', { 'std-dev-x': 3, 'std-dev-y': 3 }, { input: gray, size: [1, 300] }),
  filter('gegl:gaussian-blur', { 'std-dev-x': 3, 'std-dev-y': 3 }, { input: words }),
  filter(
    'gegl:gaussian-blur',
    { 'std-dev-x': 3, 'std-dev-y': 3, 'clip-extent': false },
    { area: { x: -20, y: -20, width: 61, height: 47 } },
  ),
  filter('gegl:box-blur', { radius: 7 }, { input: premultiplied, size: [131, 67] }),
  filter('gegl:median-blur', { radius: 4, percentile: 40 }, { input: perceptual }),
  filter(
    'gegl:median-blur',
    { radius: 2, neighborhood: 'circle', 'high-precision': true },
    { input: perceptual },
  ),
  filter('gegl:median-blur', { radius: 2 }, { input: bytes, size: [3, 5] }),
  filter('gegl:motion-blur-linear', { length: 17, angle: 30 }, { input: premultiplied }),
  filter('gegl:motion-blur-circular', { angle: 12 }, { input: premultiplied }),
  filter('gegl:motion-blur-zoom', { factor: 0.2 }, { input: premultiplied }),
  filter('gegl:mean-curvature-blur', { iterations: 3 }, { input: perceptual }),
  filter('gegl:bilateral-filter', { 'blur-radius': 3, 'edge-preservation': 4 }),
  filter('gegl:gaussian-blur-selective', { 'blur-radius': 4 }, { input: perceptual }),
  filter('gegl:snn-mean', { radius: 4 }),
  filter('gegl:lens-blur', { radius: 6 }),
  filter('gegl:variable-blur', { radius: 6 }, { aux: gray }),
  filter('gegl:focus-blur', { 'blur-radius': 8 }),
  filter('gegl:domain-transform', {}, { input: perceptual, size: [65, 129] }),
  filter('gegl:wavelet-blur', { radius: 3 }, { maxDifference: convertsInside }),
  filter('gegl:unsharp-mask', { 'std-dev': 2, scale: 1.5 }),
  filter('gegl:high-pass', { 'std-dev': 3 }),
  filter('gegl:difference-of-gaussians', { radius1: 1, radius2: 4 }),
  filter('gegl:noise-reduction', { iterations: 3 }, { input: nonlinear }),
  filter('gegl:denoise-dct', {}, { input: perceptual }),
];

const colors = [
  filter('gegl:brightness-contrast', { brightness: 0.1, contrast: 1.3 }),
  filter(
    'gegl:brightness-contrast',
    { brightness: -0.1, contrast: 0.7 },
    { input: words, size: [131, 1] },
  ),
  filter('gegl:levels', { 'in-low': 0.1, 'in-high': 0.8, 'out-low': 0.05, 'out-high': 0.9 }),
  filter('gegl:exposure', { exposure: 0.7, 'black-level': 0.02 }),
  filter('gegl:saturation', { scale: 1.4 }),
  filter(
    'gegl:saturation',
    { scale: 1.4, colorspace: 'CIE-Lab' },
    { input: lab, maxDifference: labRounding },
  ),
  filter('gegl:hue-chroma', { hue: 40, chroma: 10, lightness: -5 }, { maxDifference: viaLab }),
  filter(
    'gegl:hue-chroma',
    { hue: 40, chroma: 10, lightness: -5 },
    { input: lab, maxDifference: labPolar },
  ),
  filter('gegl:color-temperature', { 'intended-temperature': 4200 }),
  filter('gegl:channel-mixer', { 'rr-gain': 0.5, 'rg-gain': 0.3, 'bg-gain': -0.2 }),
  filter('gegl:mono-mixer', { red: 0.5, green: 0.3, blue: 0.2 }, { output: 'YA float' }),
  filter('gegl:sepia', { scale: 0.7 }, { input: nonlinear }),
  filter('gegl:invert-linear', {}, { size: [1, 1] }),
  filter('gegl:invert-gamma', {}, { input: perceptual }),
  filter('gegl:value-invert', {}, { input: perceptual }),
  filter('gegl:posterize', { levels: 6 }, { input: nonlinear }),
  filter('gegl:threshold', { value: 0.3 }, { input: perceptualGrayAlpha, output: "Y'A float" }),
  filter('gegl:color-to-alpha', { color: 'rgb(0.2, 0.7, 0.3)' }, { input: perceptual }),
  filter(
    'gegl:color-exchange',
    {
      'from-color': 'rgb(0.5, 0.5, 0.5)',
      'to-color': 'rgb(0.1, 0.9, 0.2)',
      'red-threshold': 0.2,
      'green-threshold': 0.2,
      'blue-threshold': 0.2,
    },
    { input: perceptual },
  ),
  filter(
    'gegl:color-rotate',
    { 'src-to': 120, 'dest-from': 90, 'dest-to': 200 },
    { input: nonlinear },
  ),
  filter('gegl:color-overlay', { value: 'rgba(0.3, 0.2, 0.9, 0.5)' }),
  filter('gegl:color-enhance', {}, { maxDifference: viaLab }),
  filter('gegl:stretch-contrast'),
  filter('gegl:stretch-contrast-hsv', {}, { input: hsv }),
  filter(
    'gegl:shadows-highlights',
    { shadows: 40, highlights: -30, radius: 10 },
    { maxDifference: viaLab },
  ),
  filter('gegl:svg-huerotate', { values: '30' }, { input: premultiplied }),
  filter(
    'gegl:svg-matrix',
    { values: '0.5 0.2 0 0 0 0 1 0 0 0 0 0.3 0.7 0 0 0 0 0 1 0' },
    { input: premultiplied },
  ),
  filter('gegl:svg-luminancetoalpha', {}, { input: premultiplied }),
  filter('gegl:gray', {}, { output: 'YA float' }),
  filter(
    'gegl:component-extract',
    { component: 'hsv-s' },
    { input: perceptualOpaque, output: "Y' float" },
  ),
  filter(
    'gegl:dither',
    { 'dither-method': 'floyd-steinberg', 'red-levels': 5, 'green-levels': 6, 'blue-levels': 7 },
    { input: { format: "R'G'B'A u16", seed: 1 }, output: "R'G'B'A u16" },
  ),
  filter('gegl:opacity', { value: 0.4 }, { input: premultiplied }),
  filter('gegl:rgb-clip', { 'high-limit': 0.6 }),
  filter('gegl:alien-map', { 'color-model': 'rgb', 'cpn-1-frequency': 3 }, { input: perceptual }),
  filter('gegl:vignette', {}, { input: premultiplied }),
  filter('gegl:bloom'),
  filter('gegl:reinhard05', { brightness: 5, chromatic: 0.3 }),
  filter('gegl:mantiuk06', {}, { input: opaque, maxDifference: iterated }),
];

const transforms = [
  filter('gegl:translate', { x: 10.25, y: -7.5, sampler: 'linear' }, { input: premultiplied }),
  filter(
    'gegl:translate',
    { x: 10, y: -7, sampler: 'nearest' },
    { area: { x: 0, y: -10, width: 220, height: 160 }, maxDifference: exact },
  ),
  filter('gegl:rotate', { degrees: 23, sampler: 'cubic' }, { input: premultiplied }),
  filter('gegl:rotate', { degrees: -40, sampler: 'nohalo' }, { input: premultiplied }),
  filter('gegl:rotate-on-center', { degrees: 33, sampler: 'linear' }, { input: premultiplied }),
  filter('gegl:scale-ratio', { x: 1.7, y: 0.6, sampler: 'linear' }, { input: premultiplied }),
  filter('gegl:scale-ratio', { x: 0.3, y: 0.4, sampler: 'cubic' }, { input: premultiplied }),
  filter('gegl:scale-ratio', { x: 1.7, y: 1.6, sampler: 'lohalo' }, { input: premultiplied }),
  filter(
    'gegl:scale-size',
    { x: 77, y: 41, sampler: 'nearest' },
    { input: bytes, area: { x: 0, y: 0, width: 77, height: 41 }, maxDifference: exact },
  ),
  filter('gegl:scale-ratio', { x: 2, y: 2, sampler: 'linear' }, { input: bytes }),
  filter('gegl:shear', { x: 0.3, sampler: 'linear' }, { input: premultiplied }),
  filter(
    'gegl:reflect',
    { x: 1, y: 0.5, sampler: 'nearest' },
    { area: { x: -100, y: -100, width: 201, height: 201 }, maxDifference: exact },
  ),
  filter(
    'gegl:transform',
    { transform: 'matrix(1.1,0.2,-5,-0.1,0.9,12,0.0005,0.0002,1)', sampler: 'cubic' },
    { input: premultiplied },
  ),
  filter(
    'gegl:crop',
    { x: 13, y: 17, width: 101, height: 90 },
    { input: bytes, maxDifference: exact },
  ),
  filter('gegl:mirrors', {}, { input: premultiplied }),
  filter(
    'gegl:tile',
    {},
    { input: words, area: { x: -150, y: -100, width: 600, height: 500 }, maxDifference: exact },
  ),
  filter('gegl:tile-seamless', {}, { input: perceptual }),
  filter('gegl:recursive-transform', { transform: 'rotate(10)' }, { input: premultiplied }),
];

const distortions = [
  filter('gegl:waves', { amplitude: 10, period: 40 }, { input: premultiplied }),
  filter('gegl:ripple', { amplitude: 8, period: 50, angle: 20 }, { input: premultiplied }),
  filter('gegl:whirl-pinch', { whirl: 60, pinch: 0.3 }, { input: premultiplied }),
  filter('gegl:polar-coordinates', {}, { input: premultiplied, size: [97, 61] }),
  filter('gegl:lens-distortion', { main: 30, edge: 10 }),
  filter('gegl:spherize', { amount: 0.7, 'sampler-type': 'linear' }, { input: premultiplied }),
  filter(
    'gegl:displace',
    { 'amount-x': 10, 'amount-y': 5, 'sampler-type': 'linear' },
    { input: perceptualOpaque, aux: perceptualGrayAlpha, maxDifference: convertsInside },
  ),
  filter(
    'gegl:map-relative',
    { scaling: 8, 'sampler-type': 'linear' },
    { input: premultiplied, aux: linear },
  ),
  filter(
    'gegl:panorama-projection',
    { pan: 20, 'sampler-type': 'linear' },
    { input: premultiplied },
  ),
  filter('gegl:apply-lens', {}, { input: premultiplied }),
  filter('gegl:illusion', {}, { input: perceptualOpaque }),
  filter('gegl:fractal-trace', {}, { input: premultiplied, size: [61, 47] }),
  filter('gegl:shift', { shift: 9, seed: 3 }, { maxDifference: exact }),
  filter('gegl:wind', { seed: 4 }),
  filter('gegl:engrave', {}, { input: perceptualGrayAlpha, output: "Y'A float" }),
  filter('gegl:tile-glass', {}, { input: perceptual }),
  filter('gegl:tile-paper', { seed: 3 }),
  filter('gegl:deinterlace'),
  filter('gegl:video-degradation', {}, { input: perceptual }),
  filter('gegl:pixelize', { 'size-x': 9, 'size-y': 7 }, { input: premultiplied }),
];

const edgesAndArt = [
  filter('gegl:edge-sobel'),
  filter('gegl:edge-laplace', {}, { input: perceptual }),
  filter('gegl:edge', { algorithm: 'prewitt' }, { input: perceptual }),
  filter('gegl:edge-neon', {}, { input: perceptual }),
  filter('gegl:image-gradient', {}, { input: perceptualOpaque, output: 'Y float' }),
  filter('gegl:normal-map', {}, { input: perceptualGrayAlpha, output: "R'G'B'A float" }),
  filter('gegl:convolution-matrix', { a1: 1, b2: 2, c3: -3, d4: 2, e5: 1, divisor: 3 }),
  filter('gegl:distance-transform', { 'threshold-lo': 0.2 }, { input: gray, output: 'Y float' }),
  filter('gegl:emboss', {}, { input: linear, output: 'YA float' }),
  filter('gegl:bump-map', { depth: 5 }, { input: perceptual, aux: perceptualGray }),
  filter('gegl:cartoon', {}, { maxDifference: convertsInside }),
  filter('gegl:softglow'),
  filter('gegl:photocopy', {}, { input: gray, output: 'Y float' }),
  filter('gegl:oilify'),
  filter('gegl:cubism', { seed: 5 }),
  filter('gegl:mosaic', { seed: 5 }, { input: perceptual }),
  filter('gegl:texturize-canvas', {}, { input: perceptual }),
  filter('gegl:antialias', {}, { input: perceptual }),
  filter('gegl:slic', {}, { input: lab }),
  filter('gegl:waterpixels', {}, { input: perceptualOpaque }),
  filter('gegl:value-propagate', {}, { input: perceptual }),
  filter('gegl:red-eye-removal', {}, { input: perceptual }),
  filter('gegl:dropshadow'),
  filter('gegl:long-shadow'),
  filter('gegl:lens-flare', {}, { input: perceptual }),
  filter('gegl:supernova', { seed: 3 }, { input: perceptual }),
];

const noises = [
  filter('gegl:noise-rgb', { seed: 7 }),
  filter('gegl:noise-hsv', { seed: 7 }, { input: hsv }),
  filter('gegl:noise-cie-lch', { seed: 7 }, { input: lab, maxDifference: labPolar }),
  filter('gegl:noise-hurl', { seed: 7 }, { input: perceptual }),
  filter('gegl:noise-pick', { seed: 7 }, { input: bytes, maxDifference: exact }),
  filter('gegl:noise-slur', { seed: 7 }, { input: words, maxDifference: exact }),
  filter('gegl:noise-spread', { seed: 7 }, { maxDifference: exact }),
  source('gegl:noise-solid', { seed: 7, width: 200, height: 150 }),
  source('gegl:perlin-noise', {}, { output: 'Y float' }),
  source('gegl:simplex-noise', { seed: 7, scale: 20 }),
  source('gegl:cell-noise', { seed: 7, scale: 20 }),
  source('gegl:plasma', { seed: 7, width: 200, height: 150 }),
];

const patterns = [
  source('gegl:checkerboard', { x: 13, y: 7 }, { output: "R'G'B'A u8" }),
  source('gegl:color', { value: 'rgba(0.2, 0.4, 0.6, 0.8)' }, { size: [1, 1] }),
  source('gegl:grid', { x: 20, y: 15 }),
  source('gegl:linear-gradient', {
    'start-color': 'rgb(1, 0, 0)',
    'end-color': 'rgba(0, 0, 1, 0.3)',
  }),
  source('gegl:radial-gradient', {
    'start-color': 'rgb(1, 0, 0)',
    'end-color': 'rgba(0, 0, 1, 0.3)',
  }),
  source('gegl:fractal-explorer'),
  source('gegl:sinus', { seed: 3 }, { area: { x: 300, y: 200, width: 77, height: 66 } }),
  source('gegl:spiral', {}, { area: { x: 400, y: 300, width: 131, height: 129 } }),
  source('gegl:bayer-matrix', { subdivisions: 3 }, { output: 'Y float', size: [33, 31] }),
  source('gegl:linear-sinusoid', {}, { output: 'Y float' }),
  source('gegl:diffraction-patterns', {}, { size: [65, 33] }),
  source('gegl:rectangle', { x: 10, y: 10, width: 50, height: 40, color: 'rgb(0.2, 0.3, 0.9)' }),
  filter('gegl:maze', { seed: 7 }),
];

const porterDuff = [
  'gegl:over',
  'svg:src-over',
  'svg:src-atop',
  'svg:src-in',
  'svg:src-out',
  'svg:dst-over',
  'svg:dst-in',
  'svg:dst-out',
  'svg:xor',
  'svg:plus',
];
const blendModes = [
  'svg:screen',
  'svg:overlay',
  'svg:darken',
  'svg:lighten',
  'svg:difference',
  'svg:exclusion',
  'svg:color-burn',
  'svg:color-dodge',
  'svg:hard-light',
  'gegl:soft-light',
];
const arithmetic = ['gegl:add', 'gegl:subtract', 'gegl:multiply', 'gegl:divide', 'gegl:gamma'];
const composers = [
  ...[...porterDuff, ...blendModes].map((operation) => compose(operation, 'RaGaBaA float')),
  ...arithmetic.map((operation) => compose(operation, 'RGBA float')),
  compose('gegl:over', "R'G'B'A u8"),
  compose('gegl:weighted-blend', 'RGBA float'),
  compose('gegl:mix', 'RGBA float', { ratio: 0.3 }),
];

const formats = [
  convert("R'G'B'A u8", 'RGBA float'),
  convert('RGBA float', "R'G'B'A u8"),
  convert("R'G'B'A float", 'RGBA float'),
  convert('RGBA float', "R'G'B'A float"),
  convert('RaGaBaA float', 'RGBA float', { size: [255, 3] }),
  convert('RGBA float', 'RaGaBaA float', { size: [3, 255] }),
  convert('RGB u16', 'RGB float'),
  convert('RGB float', 'RGB u16'),
  convert("R'G'B' u8", "R'G'B' u16", { size: [129, 3] }),
  convert('RGBA half', 'RGBA float', { size: [33, 65] }),
  convert('RGBA float', 'RGBA half', {
    size: [33, 65],
    maxDifference: {
      value: 2 ** -11,
      reason: 'rounds to the neighbouring half, whose step below 1 is 2^-11',
    },
  }),
  convert('RGBA double', 'RGBA float'),
  convert('RGBA float', 'RGBA double'),
  convert('RGB u32', 'RGB float'),
  convert('RGB float', 'CIE Lab float', { maxDifference: labRounding }),
  convert('CIE Lab float', 'RGB float'),
  convert("R'G'B' u8", 'CIE Lab float', { maxDifference: labRounding }),
  convert("R'G'B' float", 'HSV float'),
  convert("R'G'B' u8", "Y' u8"),
  convert("Y' u8", 'RGBA float', { size: [7, 1] }),
  convert('RGB float', 'Y float', { size: [1, 1] }),
  filter('gegl:convert-space', { 'space-name': 'Adobish' }),
  filter('gegl:cast-format', { 'input-format': 'RGBA float', 'output-format': "R'G'B'A float" }),
];

const chains = [
  chain(
    [
      { operation: 'gegl:scale-ratio', properties: { x: 1.3, y: 1.2, sampler: 'cubic' } },
      { operation: 'gegl:gaussian-blur', properties: { 'std-dev-x': 3, 'std-dev-y': 3 } },
      { operation: 'gegl:saturation', properties: { scale: 0.5 } },
      { operation: 'gegl:unsharp-mask' },
    ],
    { input: bytes, area: { x: 5, y: 7, width: 251, height: 171 } },
  ),
];

export const cases: readonly TruthCase[] = [
  ...blurs,
  ...colors,
  ...transforms,
  ...distortions,
  ...edgesAndArt,
  ...noises,
  ...patterns,
  ...composers,
  ...formats,
  ...chains,
];

/** Files that both sides write and read back: the pixels of each, as each read its own. */
export interface FileCase {
  type: 'png' | 'jpeg';
  saver: string;
  loader: string;
  /** The saver's. */
  properties: Readonly<Record<string, number | boolean>>;
  width: number;
  height: number;
  input: Picture;
  output: string;
  maxDifference: Allowance;
}

const png = { type: 'png', saver: 'gegl:png-save', loader: 'gegl:png-load' } as const;
const jpeg = { type: 'jpeg', saver: 'gegl:jpg-save', loader: 'gegl:jpg-load' } as const;

export const fileCases: readonly FileCase[] = [
  {
    ...png,
    properties: { bitdepth: 8 },
    width: 200,
    height: 150,
    input: bytes,
    output: "R'G'B'A u8",
    maxDifference: exact,
  },
  {
    ...png,
    properties: { bitdepth: 16 },
    width: 33,
    height: 17,
    input: linear,
    output: "R'G'B'A u16",
    maxDifference: oneCode,
  },
  {
    ...jpeg,
    properties: { quality: 85 },
    width: 131,
    height: 77,
    input: { format: "R'G'B' u8", seed: 2 },
    output: "R'G'B' u8",
    maxDifference: { value: 0, reason: 'JPEG in integers: the same arithmetic' },
  },
];

/** What 0.4.62 renders otherwise than 0.4.42, and means to: why no case above has it. */
export const differsByIntent: readonly { since: string; change: string; truthCase: TruthCase }[] = [
  {
    since: '0.4.44 to 0.4.62',
    change: 'the default of green-levels went from 7 to 6',
    truthCase: filter('gegl:dither', {}, { input: perceptualOpaque }),
  },
  {
    since: '0.4.52',
    change: 'works on perceptual encoding',
    truthCase: filter('gegl:newsprint', {}, { input: perceptualOpaque }),
  },
  {
    since: '0.4.54',
    change: 'more presets: the curves are numbered anew',
    truthCase: filter('gegl:negative-darkroom', {}, { input: opaque }),
  },
];
