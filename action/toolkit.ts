/** The parts of GitHub's toolkit that we use; loaded when the run is over, so that starting does not wait for it. */
export { setFailed, setOutput, summary } from '@actions/core';
