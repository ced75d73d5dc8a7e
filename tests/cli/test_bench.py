"""The benchmark measures and compares; how fast anything is, no test asserts."""

import json
import os
import pathlib
import re
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent))
from program import ProgramTest, main  # noqa: E402


class Bench(ProgramTest):
    def bench(self, *arguments, **more):
        return self.run_program("bench", "config.json", "--seconds", "0.01", *arguments, **more)

    def test_json(self):
        self.write_example()
        out = json.loads(self.bench("--json", "-t", "1").stdout)
        self.assertEqual([*out], ["machine", "results"])
        machine = out["machine"]
        self.assertIn("kernel", machine["blas"])
        self.assertEqual([*machine][:2], ["processors", "processor"])
        model = re.search(r"(?m)^model name\s*: (.*)$", pathlib.Path("/proc/cpuinfo").read_text())
        self.assertEqual(machine["processor"], model.group(1) if model else "unknown")
        for level in ("l1d", "l2", "l3"):
            size = subprocess.run(["getconf", f"LEVEL{level[1]}_{'D' if level == 'l1d' else ''}CACHE_SIZE"],
                                  capture_output=True, text=True).stdout.strip()
            self.assertEqual(machine.get("caches", {}).get(level, 0), int(size if size.isdigit() else 0), level)
        result, = out["results"]
        self.assertEqual((result["name"], result["batch"], result["threads"]), ("config", 4, 1))
        for key in ("samples_per_second", "gflops", "floor_gflops", "efficiency", "peak_gflops", "of_peak", "peak_bytes",
                    "checkpoint_s"):
            self.assertGreater(result[key], 0, key)
        self.assertEqual(result["parts_s"]["optimizer"], 0)  # it is part of the gradient's pass
        unfused, = json.loads(self.bench("--json", "-t", "1", "optimizer.momentum=0.9").stdout)["results"]
        self.assertGreater(unfused["parts_s"]["optimizer"], 0)
        self.assertEqual([*result["parts_s"]], ["gather", "forward", "loss", "backward", "update", "optimizer"])
        self.assertEqual([*result["layers_s"]], ["linear1", "relu1", "linear2"])
        flops = 2 * (2 * 4 * 2 + 4 * 2 * 3)  # the first layer's dX is not needed
        self.assertAlmostEqual(result["gflops"], flops * result["samples_per_second"] / 1e9)
        self.assertEqual(self.files(), ["config.json", "table.csv"])

    def test_evaluation_and_log_are_parts_of_an_epoch(self):
        self.write_example(log={"metrics": ["validation_f1"], "health": True})
        result, = json.loads(self.bench("--json").stdout)["results"]
        self.assertEqual([*result["epoch_s"]], ["steps", "evaluation", "log"])
        self.assertTrue(all(seconds > 0 for seconds in result["epoch_s"].values()))
        steps = 2 * result["batch"] / result["samples_per_second"]  # of 6 rows, 4 at a time
        self.assertAlmostEqual(result["epoch_s"]["steps"], steps)
        out = self.bench().stdout
        self.assertRegex(out, r" evaluation \d+% log \d+%; of layers: ")
        shares = out.splitlines()[2].split("; of layers")[0].replace("%", "").split()[1::2]
        self.assertLess(abs(sum(map(int, shares)) - 100), 5)  # each of the 8 is rounded

    def test_thread_counts_in_turns(self):
        self.write_example()
        self.write("other.json", (self.dir / "config.json").read_text())
        results = json.loads(self.bench("other.json", "--json", "-t", "1,2").stdout)["results"]
        self.assertEqual([(r["name"], r["threads"]) for r in results],
                         [(name, n) for name in ("config", "other") for n in (1, 2)])
        for result in results:
            self.assertGreater(result["samples_per_second"], 0)
            self.assertGreater(result["peak_bytes"], 1e6)
        # each is compared with its own number of threads
        for i, result in enumerate(results):
            result.update(spread=0.9, samples_per_second=result["samples_per_second"] * (1000 if i == 1 else 0.001))
        self.write("before.json", {"machine": {}, "results": results})
        err = self.bench("-t", "1,2", "--compare", "before.json", status=1).stderr.splitlines()
        self.assertEqual([line.split(": ")[1].split(" (")[0] for line in err], ["faster", "slower"])
        self.write("before.json", {"machine": {}, "results": results[:1]})
        self.assertRegex(self.bench("-t", "2", "--compare", "before.json").stderr, r"; on 2 threads, before on 1\n$")
        self.write("before.json", {"machine": {}, "results": []})
        self.assertRegex(self.bench("--compare", "before.json").stderr, r"^config +is not in the earlier file\n$")

    @unittest.skipIf("sanitize" in os.environ.get("CHAINRULE_BUILD", ""), "takes minutes under sanitizers")
    def test_products(self):
        out = json.loads(self.run_program("bench", "--products", "--json", "--seconds", "0.001").stdout)
        self.assertEqual([*out], ["machine", "core_peak_gflops", "products"])
        self.assertIn("small_products", out["machine"])
        taken = {}
        for product in out["products"]:
            self.assertGreater(product["own_gflops"], 0)
            self.assertGreater(product["blas_gflops"], 0)
            taken[product["kind"], product["m"], product["n"], product["k"]] = product["taken"]
        self.assertEqual(taken["A B", 64, 32, 64], "own")
        self.assertEqual(taken["A B^T", 1, 64, 32], "blas")
        for more in (["config.json"], ["-t", "2"]):
            refused = self.run_program("bench", "--products", *more, status=2)
            self.assertIn("--products takes --json and --seconds alone", refused.stderr)

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
        self.assertRegex(self.bench().stdout, r"workload .* of peak .* efficiency .*\nconfig +4 .* \d+% .*\n"
                         r" +gather \d+% forward.*\n(?: +.*\n)?peak of a core: [\d.]+ GFLOP/s")
        self.assertIn("--seconds takes a number above 0", self.run_program("bench", "--seconds", "-1", status=2).stderr)
        self.assertIn('training.threads=x: found "x", expected "auto" or a whole number',
                      self.bench("-t", "1,x", status=2).stderr)
        self.assertIn("-t takes at most 64 numbers", self.bench("-t", ",".join("1" * 65), status=2).stderr)
        self.assertIn("no such file", self.bench("--compare", "none.json", status=2).stderr)


if __name__ == "__main__":
    main()
