/*
 * A worker (worker.py says what it reads and answers) that trains with tiny-dnn, with its
 * kernels for AVX and OpenMP. Rows come in the same order in every epoch: its loop knows no
 * other.
 */
#define CNN_USE_AVX
#define CNN_USE_OMP
#include <tiny_dnn/tiny_dnn.h>

#include <chrono>
#include <iostream>
#include <random>
#include <sstream>
#include <string>
#include <vector>

using namespace tiny_dnn;
using namespace tiny_dnn::activation;
using net_type = network<sequential>;
template <typename function> using filters = convolutional_layer<function>;
template <typename function> using linear = fully_connected_layer<function>;
using pool2 = max_pooling_layer<identity>;

static double now()
{
    using namespace std::chrono;
    return duration<double>(steady_clock::now().time_since_epoch()).count();
}

/* The workloads of bench/compare; false for one that is not known. */
static bool make_images(const std::string &name, net_type &net)
{
    if (name == "lenet")
        net << filters<identity>(28, 28, 5, 1, 20) << pool2(24, 24, 20, 2)
            << filters<identity>(12, 12, 5, 20, 50) << pool2(8, 8, 50, 2)
            << linear<relu>(800, 500) << linear<softmax>(500, 10);
    else if (name == "mnist-conv")
        net << filters<relu>(28, 28, 3, 1, 32) << filters<relu>(26, 26, 3, 32, 32)
            << pool2(24, 24, 32, 2) << linear<relu>(4608, 128)
            << linear<softmax>(128, 10);
    else if (name == "cifar-conv")
        net << filters<relu>(32, 32, 3, 3, 32, padding::same)
            << filters<relu>(32, 32, 3, 32, 32, padding::same) << pool2(32, 32, 32, 2)
            << filters<relu>(16, 16, 3, 32, 64, padding::same)
            << filters<relu>(16, 16, 3, 64, 64, padding::same) << pool2(16, 16, 64, 2)
            << linear<relu>(4096, 256) << linear<softmax>(256, 10);
    else
        return false;
    return true;
}

static bool make_network(const std::string &name, net_type &net)
{
    if (make_images(name, net))
        return true;
    std::vector<serial_size_t> units;
    std::istringstream words(name);
    for (std::string word; std::getline(words, word, '-');)
        units.push_back(
            static_cast<serial_size_t>(std::strtoul(word.c_str(), nullptr, 10)));
    for (size_t i = 0; i < units.size(); i++)
        if (units.size() < 2 || units[i] == 0)
            return false;
    for (size_t i = 0; i + 2 < units.size(); i++)
        net << linear<relu>(units[i], units[i + 1]);
    net << linear<softmax>(units[units.size() - 2], units.back());
    return true;
}

struct data {
    std::vector<vec_t> x;
    std::vector<label_t> y;
    data(size_t rows, size_t inputs, size_t outputs) : x(rows, vec_t(inputs)), y(rows)
    {
        std::mt19937 random(1);
        std::uniform_real_distribution<float> uniform(0, 1);
        for (size_t i = 0; i < rows; i++) {
            for (auto &value : x[i])
                value = uniform(random);
            y[i] = static_cast<label_t>(i % outputs);
        }
    }
};

struct enough {
};

/* From one batch's end to another: what comes before the first batch is not training. */
static double measure(net_type &net, const data &d, size_t batch, double seconds)
{
    gradient_descent optimizer;
    optimizer.alpha = 1e-4f;
    double began = 0, passed = 0, done = 0;
    size_t at = 0;
    auto on_batch = [&] {
        size_t rows = std::min(batch, d.x.size() - at);
        at = at + rows == d.x.size() ? 0 : at + rows;
        passed = now() - began;
        if (began == 0)
            began = now();
        else
            done += static_cast<double>(rows);
        if (began > 0 && done > 0 && passed >= seconds)
            throw enough();
    };
    try {
        net.train<cross_entropy_multiclass>(optimizer, d.x, d.y, batch, 1000000000,
                                            on_batch, [] {});
    } catch (const enough &) {
    }
    return done / passed;
}

static double mean_loss(net_type &net, const data &d)
{
    double sum = 0;
    for (size_t i = 0; i < d.x.size(); i++)
        sum -= std::log(static_cast<double>(net.predict(d.x[i])[d.y[i]]));
    return sum / static_cast<double>(d.x.size());
}

static void print_losses(net_type &net, const data &d, int steps)
{
    gradient_descent optimizer;
    optimizer.alpha = 0.01f;
    for (int i = 0; i < steps; i++) {
        std::cout << (i ? " " : "") << mean_loss(net, d);
        net.train<cross_entropy_multiclass>(optimizer, d.x, d.y, d.x.size(), 1);
    }
    std::cout << std::endl;
}

int main()
{
    for (std::string line; std::getline(std::cin, line);) {
        std::istringstream words(line);
        std::string what, name;
        size_t batch = 0, number = 0;
        double seconds = 0;
        words >> what >> name >> batch >> number >> seconds;
        net_type net;
        if (!make_network(name, net)) {
            std::cout << "no" << std::endl;
            continue;
        }
        net.init_weight();
        data d(what == "speed" ? number : batch, net.in_data_size(), net.out_data_size());
        if (what == "speed")
            std::cout << measure(net, d, batch, seconds) << std::endl;
        else
            print_losses(net, d, static_cast<int>(number));
    }
}
