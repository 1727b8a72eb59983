// What is wrong with a form is read first: the list above it gets the focus, unless the address leads elsewhere.
const problem = document.querySelector(".problem[role=alert]");
if (problem && !location.hash) {
  problem.tabIndex = -1;
  problem.focus();
}
