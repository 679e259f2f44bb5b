// The same as a page of the server, which gives it the networks.
import { lookInside } from "./inside.js";
import { say } from "./words.js";

const { name, network, beside } = JSON.parse(document.getElementById("facts").textContent);
const addresses = [network, beside].filter(Boolean);

lookInside(await Promise.all(addresses.map(async (address) => (await fetch(address)).arrayBuffer())));
document.title = document.querySelector("h1").textContent = name;
document.querySelector(".digitlib-privacy").textContent = say("inside_here");
document.querySelector("header a").textContent = say("inside_back");
