/** The start of the page: makes the app and its frame, and shows what the address says. */

import { createApp } from "./app.js";
import { createData } from "./data.js";
import { createServer } from "./server.js";
import { createFrame } from "./ui/frame.js";
import { followScroll } from "./ui/scroll.js";

const jobs = document.getElementById("jobs");
const server = createServer(document, jobs);
const data = createData(new URL("data/", document.baseURI), server);
const app = createApp({ data, server, main: document.getElementById("main"), jobs });

createFrame(app);
followScroll(app);
app.start();
