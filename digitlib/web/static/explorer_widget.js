// The explorer in a notebook: Python computes the maps.
import { mountExplorer } from "./explorer.js";

export default { render: mountExplorer };
