// The package has no types of its own; these are the parts that we use (Swagger UI, "Configuration").
declare module 'swagger-ui-dist/swagger-ui-es-bundle.js' {
  interface Options {
    url: string
    dom_id: string
    deepLinking: boolean
    docExpansion: 'list' | 'full' | 'none'
    defaultModelsExpandDepth: number
    displayRequestDuration: boolean
    validatorUrl: null
  }
  export default function SwaggerUI(options: Options): unknown
}
