"""How the models of sentiment.py and autoencoder.py learn, and what is shown of it."""

from collections.abc import Iterable
from itertools import cycle
from pathlib import Path
from typing import Any

import numpy as np
import torch
from reviews import Reviews, Split, split
from scipy import stats
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV
from torch import nn

BATCH, LEARNING_RATE = 32, 1e-3
COLORS = ("#8b949e", "#0b6e99", "#58b4d9", "#e08e45", "#f0c08f", "#5b8c5a", "#a3c9a2")


def learn(
    model: nn.Module, inputs: torch.Tensor, labels: torch.Tensor, parts: Split, epochs: int
) -> list[float]:
    """Train a model; return the accuracy of validation before the first and after each epoch.

    The optimizer is Adam as it comes. No epoch is chosen by the validation reviews.
    """
    training = torch.from_numpy(parts.training)
    optimizer = torch.optim.Adam(trained_parameters(model), lr=LEARNING_RATE)
    accuracies = [accuracy(model, inputs, labels, parts)]
    for _ in range(epochs):
        model.train()
        for batch in training[torch.randperm(len(training))].split(BATCH):
            found = model(inputs[batch]).flatten()
            step(optimizer, nn.functional.binary_cross_entropy_with_logits(found, labels[batch]))
        accuracies.append(accuracy(model, inputs, labels, parts))
    return accuracies


def trained_parameters(model: nn.Module) -> list[nn.Parameter]:
    """Return the parameters that are not frozen."""
    return [parameter for parameter in model.parameters() if parameter.requires_grad]


def step(optimizer: torch.optim.Optimizer, loss: torch.Tensor) -> None:
    """Go a step down the loss."""
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()


@torch.no_grad()
def accuracy(model: nn.Module, inputs: torch.Tensor, labels: torch.Tensor, parts: Split) -> float:
    """Return the share of the validation reviews that a model judges right."""
    model.eval()
    right = 0
    for batch in torch.from_numpy(parts.validation).split(250):
        judged_positive = model(inputs[batch]).flatten() > 0
        right += int((judged_positive == (labels[batch] > 0)).sum())
    return right / len(parts.validation)


def linear_accuracies(features: Any, reviews: Reviews, seeds: Iterable[int]) -> list[float]:
    """Return the accuracy of a linear model for each seed.

    Its penalty is chosen by cross-validation on the reviews it learns from.
    """
    model = GridSearchCV(LogisticRegression(max_iter=1000), {"C": np.logspace(-4, 3, 8)})
    accuracies = []
    for seed in seeds:
        training, validation = split(reviews, seed)
        model.fit(features[training], reviews.labels[training])
        accuracies.append(model.score(features[validation], reviews.labels[validation]))
    return accuracies


def mean_and_interval(values: Any) -> tuple[Any, Any]:
    """Return the mean of values (seeds, …) over seeds, and its 95 % interval, ± (Student's t)."""
    values = np.asarray(values)
    seeds = len(values)
    if seeds == 1:
        return values[0], np.zeros_like(values[0])
    error = values.std(axis=0, ddof=1) / np.sqrt(seeds)
    return values.mean(axis=0), stats.t.ppf(0.975, seeds - 1) * error


def in_percent(values: Any) -> str:
    """Return the mean of shares, one for each seed, and its interval, as text."""
    mean, interval = mean_and_interval(values)
    return f"{100 * mean:.1f} ± {100 * interval:.1f}"


def line(name: str, columns: Iterable[str]) -> str:
    """Return a line of a table."""
    return f"{name:20}" + "".join(f"{column:>15}" for column in columns)


def draw(
    path: Path, panels: dict[str, dict[str, Any]], levels: dict[str, float] | None = None
) -> None:
    """Draw the accuracy (seeds, epochs) of each arm by epoch, with intervals, in each panel.

    The levels are drawn across all panels.
    """
    import matplotlib as mpl  # noqa: PLC0415
    from matplotlib.figure import Figure  # noqa: PLC0415

    style = {"svg.hashsalt": "w2v", "axes.spines.top": False, "axes.spines.right": False}
    with mpl.rc_context(style):
        figure = Figure(figsize=(5.2 * len(panels), 4.2), layout="constrained")
        all_axes = np.atleast_1d(figure.subplots(1, len(panels), sharey=True))
        for axes, (title, arms) in zip(all_axes, panels.items(), strict=True):
            for color, (name, accuracies) in zip(cycle(COLORS), arms.items(), strict=False):
                mean, interval = mean_and_interval(accuracies)
                epochs = range(len(mean))
                axes.plot(epochs, 100 * mean, color=color, label=name)
                band = 100 * (mean - interval), 100 * (mean + interval)
                axes.fill_between(epochs, *band, color=color, alpha=0.2, linewidth=0)
            for name, level in (levels or {}).items():
                axes.axhline(100 * level, color="#30363d", linestyle=":", label=name)
            axes.set_title(title, loc="left")
            axes.set_xlabel("epochs")
            axes.xaxis.get_major_locator().set_params(integer=True)
            axes.grid(alpha=0.3)
        all_axes[0].set_ylabel("accuracy on the validation reviews, %")
        all_axes[-1].legend(frameon=False, loc="center left", bbox_to_anchor=(1, 0.5))
        metadata = {"Date": None} if path.suffix == ".svg" else None  # the same bytes each time
        figure.savefig(path, dpi=150, facecolor="white", metadata=metadata)
