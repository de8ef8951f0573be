/** Known to both sides; it opens nothing else. */
export const benchKey = 'sb_bench_00000000000000000000000000000000'
