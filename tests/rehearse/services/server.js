// A service of one file, and one package to install.
require("ms");
const server = require("node:http").createServer((request, response) => {
  response.statusCode = request.url === "/healthz" ? 200 : 404;
  response.end();
});
server.listen(process.env.PORT);
process.on("SIGTERM", () => server.close());
