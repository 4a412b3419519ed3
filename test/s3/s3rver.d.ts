/** The package has no types. */
declare module '@20minutes/s3rver' {
  interface S3Context {
    readonly method: string;
    readonly path: string;
    readonly query: Readonly<Record<string, string | undefined>>;
    readonly headers: Readonly<Record<string, string | undefined>>;
    status: number;
    type: string;
    body: string;
  }

  class S3rver {
    constructor(options: object);
    /** Of Koa. */
    readonly middleware: ((context: S3Context, next: () => Promise<void>) => Promise<void>)[];
    run(): Promise<{ readonly port: number }>;
    close(): Promise<void>;
  }

  export type { S3Context };
  // biome-ignore lint/style/noDefaultExport: it is how the package exports it
  export default S3rver;
}
