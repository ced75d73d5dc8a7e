"""From scikit-learn's MLPClassifier to chainrule: one import. The rest is a script as it was."""

# from sklearn.neural_network import MLPClassifier
from chainrule import ChainruleClassifier as MLPClassifier
from sklearn.datasets import load_digits
from sklearn.metrics import classification_report
from sklearn.model_selection import train_test_split

X, y = load_digits(return_X_y=True)
X_train, X_test, y_train, y_test = train_test_split(X / 16, y, test_size=0.25, stratify=y, random_state=0)

model = MLPClassifier(hidden_layer_sizes=(64,), early_stopping=True, n_iter_no_change=20, max_iter=500, random_state=0)
model.fit(X_train, y_train)

print(classification_report(y_test, model.predict(X_test), digits=3))
print(f"{model.n_iter_} epochs, best validation score {model.best_validation_score_:.3f}, weights {[w.shape for w in model.coefs_]}")
assert model.score(X_test, y_test) > 0.95
