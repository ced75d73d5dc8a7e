// Of one sweep.

function drawSweepProgress(sweep) {
  return [h("p", null, `${sweep.done} of ${plural(sweep.trials, "trial")} ended, ${sweep.failed} failed.`)];
}
