"""The benchmark measures and compares; how fast anything is, no test asserts."""

import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from program import ProgramTest, main  # noqa: E402


class Bench(ProgramTest):
    def bench(self, *arguments, **more):
        return self.run_program("bench", "config.json", "--seconds", "0.01", *arguments, **more)

    def test_json(self):
        self.write_example()
        out = json.loads(self.bench("--json", "-t", "1").stdout)
        self.assertEqual([*out], ["machine", "results"])
        self.assertIn("kernel", out["machine"]["blas"])
        result, = out["results"]
        self.assertEqual((result["name"], result["batch"], result["threads"]), ("config", 4, 1))
        for key in ("samples_per_second", "gflops", "floor_gflops", "efficiency", "peak_bytes", "checkpoint_s"):
            self.assertGreater(result[key], 0, key)
        self.assertEqual(result["parts_s"]["optimizer"], 0)  # it is part of the gradient's pass
        unfused, = json.loads(self.bench("--json", "-t", "1", "optimizer.momentum=0.9").stdout)["results"]
        self.assertGreater(unfused["parts_s"]["optimizer"], 0)
        self.assertEqual([*result["parts_s"]], ["gather", "forward", "loss", "backward", "update", "optimizer"])
        self.assertEqual([*result["layers_s"]], ["linear1", "relu1", "linear2"])
        flops = 2 * (2 * 4 * 2 + 4 * 2 * 3)  # the first layer's dX is not needed
        self.assertAlmostEqual(result["gflops"], flops * result["samples_per_second"] / 1e9)
        self.assertEqual(self.files(), ["config.json", "table.csv"])

    def test_compare(self):
        self.write_example()
        before = json.loads(self.bench("--json").stdout)
        result = before["results"][0]
        result["spread"] = 0.9
        for factor, status, verdict in ((1000, 1, "slower"), (0.001, 0, "faster")):  # beyond any noise
            changed = {**before, "results": [{**result, "samples_per_second": result["samples_per_second"] * factor}]}
            self.write("before.json", changed)
            done = self.bench("--compare", "before.json", status=status)
            self.assertIn(f"of the speed before: {verdict}", done.stderr)

    def test_table_and_errors(self):
        self.write_example()
        self.assertRegex(self.bench().stdout, r"workload .* efficiency .*\nconfig +4 .*\n +gather \d+% forward")
        self.assertIn("--seconds takes a number above 0", self.run_program("bench", "--seconds", "-1", status=2).stderr)
        self.assertIn("no such file", self.bench("--compare", "none.json", status=2).stderr)


if __name__ == "__main__":
    main()
