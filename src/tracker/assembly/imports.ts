// What the JavaScript side provides.

/** 1 where threads share the memory. */
export declare const shared: i32;

export declare function log(x: f64): f64;
export declare function expm1(x: f64): f64;
/** The site of the stack at hand; 0 where it could not be told. Never throws. */
export declare function capture(context: i32): u32;
/** Never throws. */
export declare function event(probe: i32, first: i32, second: i32): void;
/** Fills a block with zeros, or as much of it as that takes little time for. Never throws. */
export declare function scrub(address: f64, size: f64): void;
