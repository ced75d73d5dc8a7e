"""configs/digits.json as a scikit-learn script: the same split sizes, network and epochs."""

import pathlib
import warnings

import numpy as np
from sklearn.model_selection import train_test_split
from sklearn.neural_network import MLPClassifier
from sklearn.preprocessing import StandardScaler

warnings.simplefilter("ignore")  # it says that 30 epochs are few
table = np.loadtxt(pathlib.Path(__file__).parent.parent / "data/digits.csv", delimiter=",", skiprows=1, dtype=np.float32)
x, y = table[:, :-1], table[:, -1].astype(int)
x_train, x_held, y_train, y_held = train_test_split(x, y, test_size=0.2, stratify=y, random_state=1)
scaler = StandardScaler().fit(x_train)
model = MLPClassifier((64,), solver="sgd", momentum=0, learning_rate_init=0.1, alpha=2e-4, batch_size=32, max_iter=30,
                      tol=0, n_iter_no_change=30, random_state=1)
model.fit(scaler.transform(x_train), y_train)
print(model.score(scaler.transform(x_held), y_held))
