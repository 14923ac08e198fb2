// The public face of server: import it as #server, never by a path into the folder.
export { startServer, type Server } from './server.ts';
export { defaultConfiguration, type Configuration } from './config/configuration.ts';
