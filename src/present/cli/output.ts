// Where a command writes: results to `out`, for people and other programs; what it has to say of itself to `err`.

export interface Output {
  out(text: string): void;
  err(text: string): void;
}
